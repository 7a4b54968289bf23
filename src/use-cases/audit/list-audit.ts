import { isPlatformAdmin, type Actor } from '../../domain/actor.ts';
import { positionIn, cursorText } from '../../domain/json.ts';
import { mustBeSiteAdmin, sitesAsAdmin } from '../../domain/refusals.ts';
import { lookCalls, type AuditCounts, type AuditPosition, type AuditRow, type ListedRow } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow, type ActorNowNeeds } from '../actor-now.ts';
import { foreignCursor } from '../commands.ts';
import { isGenuine, isListedAsWritten, receiptAddress, toTheDay } from './entries.ts';
import { countsOf, readRows, toldTo, type OauthProgress, type ReadOperation } from './read-operation.ts';

type Needs = Pick<Ports, 'audit' | 'secrets' | 'log' | 'clock'>;
type ListNeeds = Needs & ActorNowNeeds;

/** What is asked for, as the answer shows it; null: whatever it is. */
export interface AuditFilter {
  readonly siteId: number | null;
  readonly from: Date | null;
  readonly before: Date | null;
  readonly call: string | null;
  readonly actorKind: string | null;
  readonly actorId: number | null;
  readonly removal: OauthProgress['removal'] | null;
}
export interface ListAuditCommand {
  readonly actor: Actor;
  readonly filter: AuditFilter;
  readonly cursor: string | null;
  readonly pageSize: number;
}
/** What was done to one user row, or that it was looked at. */
export interface AuditEntry {
  readonly at: Date;
  readonly call: string;
  readonly siteId: number | null;
  readonly userId: number | null;
  /** `name`: of an operator, for platform admins. */
  readonly actor: { readonly kind: string | null; readonly id: number | null; readonly name: string | null };
  /** Null: it was only looked at. */
  readonly disposition: string | null;
  readonly counts: AuditCounts;
  /** At the OAuth server; null: nothing was done, or it is not for this actor to know. `reason` for platform admins only. */
  readonly outcome: OauthProgress | null;
  /** What joins the rows of one person: for platform admins only. `receipt`: null for a look. */
  readonly whole: {
    readonly operation: string;
    readonly receipt: string | null;
    readonly reason: string | null;
    readonly digest: string | null;
  } | null;
}
export interface ListedAudit {
  readonly entries: readonly AuditEntry[];
  /** Whether the actor is told what joins the rows of one person. */
  readonly tellsWhole: boolean;
  /** Null: that was all. A page may be short, or empty, and not be the last. */
  readonly cursor: string | null;
}

/** So many rows are looked at for one page, where not every one is asked for … */
const lookedAt = 1000;
/** … and where what came of their calls is asked, which is read with all rows of each. */
const lookedAtForOutcome = 100;

/**
 * What was anonymized, deleted and looked at, newest first: all of it for platform admins, the rows of their sites for admins. To these
 * nothing that would join the rows of one person at several sites: no operation, digest or ticket, nobody's id but of staff of the same
 * site, and of the moment no more than `listedAt`. What it is asked by is what it shows. Three statements. Faults: `forbidden`, `unauthenticated`,
 * `malformed-request` for a cursor of another list. Source: people.md §1, internals.md §8.
 */
export const listAudit =
  (ports: ListNeeds) =>
  async ({ actor: asking, filter, cursor, pageSize }: ListAuditCommand): Promise<ListedAudit> => {
    // They may have waited for their turn.
    const actor = await actorNow(ports, asking);
    const siteIds = sitesOf(actor, filter);
    const seesAll = isPlatformAdmin(actor);
    const bound = JSON.stringify([seesAll, siteIds, filter]);
    const after = cursor === null ? null : positionAt(ports.secrets, bound, cursor);
    const asksAll = isAll(filter, seesAll);
    const limit = filter.removal !== null ? lookedAtForOutcome : asksAll ? pageSize + 1 : lookedAt;
    // One site's rows stand in the order of the moment that is told there, which may be the day's.
    const from = filter.from !== null && seesAll && siteIds !== 'all' ? toTheDay(filter.from) : filter.from;
    const withLooks =
      filter.removal === null && (filter.call === null || lookCalls.some((call) => call === filter.call));
    const rows = await ports.audit.page({ siteIds, from, before: filter.before, after, withLooks, limit });

    const shown = (await genuineOf(ports, rows)).flatMap((row) => {
      const entry = entryOf(ports, row, seesAll);
      return isAsked(entry, filter) ? [{ row, entry }] : [];
    });
    const kept = filter.removal === null ? shown.slice(0, pageSize) : shown;
    const outcomes = await outcomesOf(
      ports,
      kept.map(({ row }) => row),
      seesAll,
    );
    const found = kept.flatMap(({ row, entry }) => {
      const outcome = row.disposition === null ? null : (outcomes.get(row.operation) ?? null);
      const isOne = filter.removal === null || outcome?.removal === filter.removal;
      return isOne ? [{ row, entry: { ...entry, outcome } }] : [];
    });
    const page = found.slice(0, pageSize);
    const isCut = page.length < (filter.removal === null ? shown : found).length;
    const last = isCut ? page.at(-1)?.row : rows.length === limit ? rows.at(-1) : undefined;
    return {
      entries: page.map(({ entry }) => entry),
      tellsWhole: seesAll,
      cursor: last === undefined ? null : cursorBehind(ports.secrets, bound, auditPosition(last, siteIds)),
    };
  };

const sitesOf = (actor: Actor, { siteId }: AuditFilter): readonly number[] | 'all' => {
  const siteIds = sitesAsAdmin(actor);
  if (siteId === null) return siteIds;
  if (siteIds !== 'all') mustBeSiteAdmin(actor, siteId);
  return [siteId];
};

/** Whether nothing is left out of what is read. */
const isAll = ({ siteId, from, before, call, actorKind, actorId }: AuditFilter, seesAll: boolean): boolean => {
  const isBySecond = seesAll && siteId !== null && (from !== null || before !== null);
  return call === null && actorKind === null && actorId === null && !isBySecond;
};

/** So many are checked before others have their turn. */
const checkedAtOnce = 100;

const genuineOf = async ({ secrets, log, clock }: Needs, rows: readonly ListedRow[]): Promise<readonly ListedRow[]> => {
  const genuine: ListedRow[] = [];
  for (let at = 0; at < rows.length; at += checkedAtOnce) {
    if (at > 0) await clock.nextTurn();
    const some = rows.slice(at, at + checkedAtOnce);
    genuine.push(...some.filter((row) => isGenuine(secrets, row) && isListedAsWritten(row)));
  }
  if (genuine.length < rows.length)
    log.error(
      { rows: rows.length - genuine.length },
      'rows of the audit are not what was written, and are left out of a list: run `npm run audit:verify`',
    );
  return genuine;
};

const entryOf = (ports: Needs, row: ListedRow, seesAll: boolean): AuditEntry => ({
  at: seesAll ? row.at : (row.listedAt ?? row.at),
  call: row.call,
  siteId: row.siteId,
  userId: row.userId,
  actor: {
    kind: row.actorKind,
    id: seesAll || isTold(row) ? row.actorId : null,
    name: seesAll ? row.actorName : null,
  },
  disposition: row.disposition,
  counts: countsOf(row),
  outcome: null,
  whole: seesAll
    ? {
        operation: row.operation,
        receipt: row.disposition === null ? null : receiptAddress(ports, row.operation),
        reason: row.reason,
        digest: row.digest,
      }
    : null,
});

/** The id of who did it: of staff of the row's own site, and of the row itself. Any other is of a row elsewhere, or the same at all sites. */
const isTold = ({ actorKind, actorId, actorSiteId, siteId, userId }: ListedRow): boolean =>
  ((actorKind === 'staff' || actorKind === 'console') && actorSiteId !== null && actorSiteId === siteId) ||
  (actorKind === 'owner' && actorId === userId);

const isAsked = ({ at, call, actor }: AuditEntry, filter: AuditFilter): boolean =>
  (filter.from === null || at >= filter.from) &&
  (filter.before === null || at < filter.before) &&
  (filter.call === null || call === filter.call) &&
  (filter.actorKind === null || actor.kind === filter.actorKind) &&
  (filter.actorId === null || actor.id === filter.actorId);

/** What came of the calls that did something to these rows, as this actor is told; of a call that is not whole any more nothing is. */
const outcomesOf = async (
  ports: Needs,
  rows: readonly AuditRow[],
  seesAll: boolean,
): Promise<ReadonlyMap<string, OauthProgress | null>> => {
  const names = new Set(rows.flatMap(({ disposition, operation }) => (disposition === null ? [] : [operation])));
  const byName = new Map<string, AuditRow[]>([...names].map((name) => [name, []]));
  for (const row of await ports.audit.ofOperations([...names])) byName.get(row.operation)?.push(row);
  return new Map([...byName].map(([name, its]) => [name, progressIn(readRows(ports, its), seesAll)]));
};

const progressIn = (read: ReadOperation | 'not-whole' | null, seesAll: boolean): OauthProgress | null =>
  read === null || read === 'not-whole' ? null : toldTo(seesAll ? 'platform-admins' : 'others', read).progress;

const auditPosition = ({ at, listedAt, userId, id }: AuditRow, siteIds: readonly number[] | 'all'): AuditPosition => ({
  moment: siteIds === 'all' ? at : (listedAt ?? at),
  userId: userId ?? 0,
  id,
});

/** Of one length: the numbers in it are nobody's to read, and how long they are would be. */
const cursorBehind = (secrets: Needs['secrets'], bound: string, { moment, userId, id }: AuditPosition): string =>
  secrets.seal('audit cursor', cursorText(bound, [moment.getTime(), userId, id].map(padded)));
const padded = (number: number): string => String(number).padStart(16, '0');

const positionAt = (secrets: Needs['secrets'], bound: string, cursor: string): AuditPosition => {
  const position = positionIn(secrets.open('audit cursor', cursor), bound);
  if (position === null) throw foreignCursor('filter');
  const [moment = 0, userId = 0, id = 0] = position.map(Number);
  return { moment: new Date(moment), userId, id };
};
