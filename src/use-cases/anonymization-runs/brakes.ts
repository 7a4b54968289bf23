import type { AnonymizationRun, RunTrial } from '../../ports/runs.ts';

/** So many people are anonymized before a run is trusted: until then one failure stops it. */
export const canarySize = 5;
/** Afterwards more failures than these, or than this part of the people, stop it. */
const [mostFailures, mostFailuresIn100] = [3, 2] as const;

/** Whether the first few are still to show that all goes well. */
export const isCanary = ({ planned }: Pick<AnonymizationRun, 'planned'>, { anonymized }: RunTrial): boolean =>
  anonymized < Math.min(canarySize, planned);

/** Why so many failures stop a run; null: they do not. Who is left out by a rule is no failure. Source: people.md §1. */
export const brakeOf = (
  run: Pick<AnonymizationRun, 'planned'>,
  trial: RunTrial,
): 'canary-failed' | 'too-many-failures' | null => {
  if (trial.failed === 0) return null;
  if (isCanary(run, trial)) return 'canary-failed';
  return trial.failed > Math.max(mostFailures, (run.planned * mostFailuresIn100) / 100) ? 'too-many-failures' : null;
};
