import { Fault } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Site } from '../../domain/site.ts';

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
