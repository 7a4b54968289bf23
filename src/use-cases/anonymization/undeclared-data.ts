import { Fault } from '../../domain/fault.ts';
import type { Site } from '../../domain/site.ts';
import type { Ports } from '../../ports/index.ts';

const maxNamed = 10;

/**
 * A site may want all or nothing (`anonymize.requireComplete`): then nobody is anonymized while the database holds something that
 * looks personal and that nobody declared. `sites`: where the person has been; one that only added them hinders nobody. Fault `conflict` (rule `incomplete`). Source: running.md, "Adopting".
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
