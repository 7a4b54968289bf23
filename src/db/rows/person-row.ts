import type { Person } from '../../domain/people/person.ts';
import type { Ports } from '../../ports/index.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql } from '../sql.ts';
import { dateOf, flagOf, numberOf, textOf } from './values.ts';

export const personColumns: Sql = raw(
  '`id`, `issuer`, `externalId`, `fetchedAt`, `state`, `createdByUs`, `isUnclaimed`, `loginSetAt`, `hasUnsaidFields`',
);

/** Null where there is none (the empty side of a LEFT JOIN). */
export const personOf = (row: RawRow | undefined): Person | null => {
  const id = numberOf(row?.['id']);
  if (row === undefined || id === null) return null;
  return {
    id,
    issuer: textOf(row['issuer']) ?? '',
    externalId: textOf(row['externalId']) ?? '',
    fetchedAt: dateOf(row['fetchedAt']),
    state: row['state'] === 'removing' ? 'removing' : 'active',
    createdByUs: flagOf(row['createdByUs']) ?? false,
    isUnclaimed: flagOf(row['isUnclaimed']) ?? false,
    loginSetAt: idsOf(textOf(row['loginSetAt'])),
    hasUnsaidFields: flagOf(row['hasUnsaidFields']) ?? false,
  };
};

/** As `setLoginSetAt` writes them. What cannot be read vouches for nobody. */
const idsOf = (text: string | null): readonly number[] | null => {
  if (text === null) return null;
  return text.split(' ').flatMap((id) => (/^[1-9]\d*$/.test(id) ? [Number(id)] : []));
};
/** Under it stays remembered, among the tombstones, that by what somebody logs in was set here. */
export const loginSetName = (
  { fingerprint }: Pick<Ports['secrets'], 'fingerprint'>,
  { issuer, externalId }: Pick<Person, 'issuer' | 'externalId'>,
): string => fingerprint('login set', JSON.stringify([issuer, externalId]));
