import { isLive, type User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { PersonRows } from '../../ports/user-store.ts';

/**
 * What clients kept of a person goes with their last row at that client's sites, in the transaction in which rows go: else whoever
 * comes again, and lives on elsewhere, would be given the points of who was forgotten. One statement; none where nothing is
 * kept of them, or they stay at every site at which rows went.
 */
export const forgetFacts = async (
  { facts }: Pick<Ports, 'facts'>,
  { person, rows, hasFacts }: PersonRows,
  gone: readonly Pick<User, 'id' | 'siteId'>[],
): Promise<void> => {
  if (person === null || hasFacts === false) return;
  const isGone = (row: User): boolean => gone.some(({ id }) => id === row.id);
  const staying = rows.filter((row) => isLive(row) && row.anonymizedAt === null && !isGone(row));
  const stayingAt = new Set(staying.flatMap(({ siteId }) => (siteId === null ? [] : [siteId])));
  if (gone.every(({ siteId }) => siteId !== null && stayingAt.has(siteId))) return;
  await facts.removeOfPerson(person.id, [...stayingAt]);
};
