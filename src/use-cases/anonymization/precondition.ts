import { Fault } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json/json.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { Ports } from '../../ports/index.ts';

/**
 * With `If-Match` (`seen`) exactly the previewed plan is done; sites may make that compulsory. `current` is told with the
 * refusal: the summary of the plan as it is now. Faults `plan-changed`, `preview-required`. Source: anonymization.md §4.
 */
export const assertPrecondition = (
  stillMatches: ((digest: string) => boolean) | undefined,
  digest: string,
  sites: readonly (Site | null)[],
  current: () => JsonObject,
): void => {
  if (stillMatches === undefined) {
    if (!sites.some((one) => one?.config.anonymize.requirePreview === true)) return;
    throw new Fault('preview-required', {}, 'A site that is concerned wants the preview’s digest in If-Match.');
  }
  if (stillMatches(digest)) return;
  throw new Fault(
    'plan-changed',
    { current: current() },
    'What would be done is no longer what was previewed: nothing was done.',
  );
};

const maxNamed = 10;

/**
 * A site may want all or nothing (`anonymize.requireComplete`): then nobody is anonymized while the database holds something that
 * looks personal and that nobody declared. `sites`: as of `sitesOfBeen`. Fault `conflict` (rule `incomplete`). Source: running.md, "Adopting".
 */
export const assertNoUndeclaredData = async (
  { sideTables }: Pick<Ports, 'sideTables'>,
  sites: readonly (Site | null)[],
): Promise<void> => {
  if (!sites.some((site) => site?.config.anonymize.requireComplete === true)) return;
  const gaps = await sideTables.gaps();
  if (gaps.length === 0) return;
  const named = gaps.slice(0, maxNamed).join(', ');
  throw new Fault(
    'conflict',
    { rule: 'incomplete', setting: 'anonymize.requireComplete' },
    `Something personal would be left, as nobody declared what it is: ${named}${gaps.length > maxNamed ? ' …' : ''}.`,
  );
};
