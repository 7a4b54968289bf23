import { maxDepth, maxEntries } from '../../domain/json.ts';
import { exceededBound } from '../../domain/json-scan.ts';
import { invalid } from './malformed.ts';

/** Fault `invalid-values` for what is nested deeper than 32 or holds more than 10,000 keys and list items. Source: user-api.md §5. */
export const mustBeBounded = (text: string): void => {
  const exceeded = exceededBound(text, { maxDepth, maxEntries });
  if (exceeded === 'maxDepth') throw invalid('', `is nested deeper than ${maxDepth}`);
  if (exceeded === 'maxEntries') throw invalid('', `holds more than ${maxEntries} keys and list items`);
};
