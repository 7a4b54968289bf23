import type { AuditRow } from '../../ports/audit.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql } from '../sql.ts';
import { dateOf, numberOf, textOf } from './values.ts';

const names = [
  ...['id', 'at', 'call', 'operation', 'actorId', 'actorKind'],
  ...['siteId', 'userId', 'disposition', 'counts', 'digest', 'oauth'],
];
/** Of a table that is called `audit` in the statement. */
export const auditColumns: Sql = raw(names.map((name) => `audit.\`${name}\``).join(', '));

export const auditRowOf = (row: RawRow): AuditRow => ({
  id: numberOf(row['id']) ?? 0,
  at: dateOf(row['at']) ?? new Date(0),
  call: textOf(row['call']) ?? '',
  deed: textOf(row['operation']) ?? '',
  actorId: numberOf(row['actorId']),
  actorKind: textOf(row['actorKind']),
  siteId: numberOf(row['siteId']),
  userId: numberOf(row['userId']),
  fate: textOf(row['disposition']),
  counts: textOf(row['counts']),
  digest: textOf(row['digest']),
  oauth: textOf(row['oauth']),
});
