import type { AuditRow } from '../../ports/audit.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql } from '../sql.ts';
import { dateOf, flagOf, numberOf, textOf } from './values.ts';

const names = [
  ...['id', 'at', 'call', 'operation', 'actorId', 'actorKind', 'siteId', 'userId'],
  ...['disposition', 'counts', 'digest', 'oauth', 'reason', 'withheld', 'told', 'shown', 'place', 'places', 'mac'],
];
/** Of a table that is called `audit` in the statement. */
export const auditColumns: Sql = raw(names.map((name) => `audit.\`${name}\``).join(', '));

export const auditRowOf = (row: RawRow): AuditRow => {
  const read = {
    id: numberOf(row['id']),
    at: dateOf(row['at']),
    call: textOf(row['call']),
    operation: textOf(row['operation']),
    actorId: numberOf(row['actorId']),
    actorKind: textOf(row['actorKind']),
    siteId: numberOf(row['siteId']),
    userId: numberOf(row['userId']),
    disposition: textOf(row['disposition']),
    counts: textOf(row['counts']),
    digest: textOf(row['digest']),
    oauth: textOf(row['oauth']),
    reason: textOf(row['reason']),
    withheld: flagOf(row['withheld']),
    told: flagOf(row['told']),
    shown: flagOf(row['shown']),
    place: numberOf(row['place']),
    places: numberOf(row['places']),
    mac: textOf(row['mac']),
  };
  // What cannot be read is taken for nothing, which must not be what was authenticated.
  const isOdd = Object.entries(read).some(([name, value]) => value === null && (row[name] ?? null) !== null);
  const { id, at, call, operation, disposition, mac, ...others } = read;
  return {
    ...others,
    id: id ?? 0,
    at: at ?? new Date(0),
    call: call ?? '',
    operation: operation ?? '',
    disposition: disposition,
    mac: isOdd ? null : mac,
  };
};
