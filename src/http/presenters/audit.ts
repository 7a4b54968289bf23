import { activityTypes } from '../../activity-types/index.ts';
import type { AuditEntry, ListedAudit } from '../../use-cases/audit/list-audit.ts';
import type { Answer } from '../route.ts';
import { withQuery, type Query } from '../requests/validate.ts';

/** A list as it was asked for. */
interface ListRequest {
  readonly path: string;
  readonly rawQuery: Query;
  readonly pageSize: number;
  readonly asTable: boolean;
}

/** One page as JSON, or as a table for who asks for `text/csv`; the next one stands in `Link`. Source: people.md §1. */
export const auditAnswer = (listed: ListedAudit, { path, rawQuery, pageSize, asTable }: ListRequest): Answer => {
  const { entries, cursor } = listed;
  const next = cursor === null ? {} : { Link: `<${withQuery(path, rawQuery, { cursor })}>; rel="next"` };
  return asTable
    ? { status: 200, headers: { ...next, ...asFile }, text: { type: csv, content: tableText(listed) } }
    : {
        status: 200,
        headers: next,
        body: {
          metadata: { pageSize, ...(cursor === null ? {} : { cursor }) },
          records: entries.map(entryBody),
        },
      };
};

const variesBy = 'Authorization, X-Authorization, Origin, Accept';
const csv = 'text/csv; charset=utf-8; header=present';
const asFile = { Vary: variesBy, 'Content-Disposition': 'attachment; filename="audit.csv"' };

export const entryBody = ({ at, actor, outcome, whole, ...entry }: AuditEntry): object => ({
  at: at.toISOString(),
  ...entry,
  actor: {
    kind: actor.kind,
    ...(actor.id === null ? {} : { id: actor.id }),
    ...(actor.name === null ? {} : { name: actor.name }),
  },
  outcome: outcome === null ? null : toldOutcome(outcome, whole !== null),
  ...(whole === null ? {} : { ...whole, receipt: addressOf(whole.receipt) }),
});

const toldOutcome = ({ reason, ...outcome }: NonNullable<AuditEntry['outcome']>, isWhole: boolean): object =>
  isWhole ? { ...outcome, reason } : outcome;

const addressOf = (receipt: string | null): string | null => (receipt === null ? null : `/receipts/${receipt}`);

type Cell = string | number | null;
type Column = readonly [name: string, cell: (entry: AuditEntry) => Cell];
const dispositions = ['keep', 'anonymize', 'remove'] as const;

/** What an admin of a site sees, and what platform admins see beside it. */
const columns: readonly Column[] = [
  ['at', ({ at }) => at.toISOString()],
  ['call', ({ call }) => call],
  ['siteId', ({ siteId }) => siteId],
  ['userId', ({ userId }) => userId],
  ['actorKind', ({ actor }) => actor.kind],
  ['actorId', ({ actor }) => actor.id],
  ['disposition', ({ disposition }) => disposition],
  ...activityTypes.flatMap(({ plural }) =>
    dispositions.map((disposition): Column => [
      `${plural}.${disposition}`,
      ({ counts }) => counts[plural]?.[disposition] ?? null,
    ]),
  ),
  ['removal', ({ outcome }) => outcome?.removal ?? null],
  ['values', ({ outcome }) => outcome?.values ?? null],
];
const wholeColumns: readonly Column[] = [
  ['actorName', ({ actor }) => actor.name],
  ['keptBecause', ({ outcome }) => outcome?.reason ?? null],
  ['operation', ({ whole }) => whole?.operation ?? null],
  ['receipt', ({ whole }) => addressOf(whole?.receipt ?? null)],
  ['reason', ({ whole }) => whole?.reason ?? null],
  ['digest', ({ whole }) => whole?.digest ?? null],
];

/** RFC 4180: lines end with CRLF. Of a walk each page has the same columns, an empty one too. */
const tableText = ({ entries, tellsWhole }: ListedAudit): string => {
  const shown = tellsWhole ? [...columns, ...wholeColumns] : columns;
  const lines = [shown.map(([name]) => name), ...entries.map((entry) => shown.map(([, cell]) => cell(entry)))];
  return lines.map((cells) => `${cells.map(cellText).join(',')}\r\n`).join('');
};

/** What a spreadsheet would take for a formula begins with an apostrophe. */
export const cellText = (cell: Cell): string => {
  if (typeof cell !== 'string') return cell === null ? '' : String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
