import { auditFilter, type AuditParameters } from '../../http/routes/audit.ts';
import { entryBody } from '../../http/presenters/audit.ts';
import type { AuditEntry } from '../../use-cases/audit/list-audit.ts';
import { verifyAudit } from '../../use-cases/audit/verify-audit.ts';
import type { Ending } from '../endings.ts';
import { jsonText, type Io } from '../io.ts';
import { operatorHere } from '../operator.ts';
import { progressAt } from '../progress.ts';
import { tableText, type Cell } from '../table.ts';
import { withContainer } from '../with-container.ts';
import { nameOfUser } from './named-user.ts';

export interface AuditOptions extends Pick<AuditParameters, 'from' | 'before' | 'call' | 'outcome'> {
  readonly site?: number;
  readonly actorKind?: string;
  readonly actorId?: number;
  readonly cursor?: string;
  readonly limit: number;
}

/** What was anonymized, deleted and looked at, newest first. */
export const listAudit = (io: Io, options: AuditOptions): Promise<Ending> =>
  withContainer(async ({ useCases }, { timeZone }) => {
    const { site, actorId, cursor: from, limit, ...said } = options;
    const filter = auditFilter(
      {
        ...said,
        ...(site === undefined ? {} : { siteId: String(site) }),
        ...(actorId === undefined ? {} : { actorId: String(actorId) }),
      },
      timeZone,
    );
    const entries: AuditEntry[] = [];
    let cursor = from ?? null;
    // A page may be short, or empty, and not be the last.
    do {
      const pageSize = Math.min(100, limit - entries.length);
      const page = await useCases.listAudit({ actor: operatorHere(), filter, cursor, pageSize });
      entries.push(...page.entries);
      cursor = page.cursor;
    } while (entries.length < limit && cursor !== null);
    if (io.json) {
      const metadata = { pageSize: limit, ...(cursor === null ? {} : { cursor }) };
      await io.print(jsonText({ metadata, records: entries.map(entryBody) }));
    } else if (entries.length === 0) io.tell('Nothing of this is in the audit.');
    else await io.print(tableText(io.out, columns, entries.map(cellsOf)));
    if (cursor !== null && !io.json) io.tell(`There is more: add --cursor ${cursor}`);
    return 'done';
  });

const columns = ['at', 'call', 'row', 'by', 'OAuth server', 'reason', 'operation'];
const cellsOf = ({ at, call, siteId, userId, actor, outcome, whole }: AuditEntry): readonly Cell[] => [
  ...[at, call, nameOfUser(siteId, userId)],
  actor.name ?? [actor.kind ?? 'unknown', ...(actor.id === null ? [] : [String(actor.id)])].join(' '),
  ...[outcome?.removal ?? null, whole?.reason ?? null, whole?.operation ?? null],
];

/** Whether the audit is as it was written. */
export const verify = (io: Io, { head: knownHead }: { readonly head?: string }): Promise<Ending> =>
  withContainer(async ({ ports }) => {
    const progress = progressAt(io);
    const of = (await ports.auditSeals.head())?.seq ?? null;
    const verdict = await verifyAudit(ports)(knownHead, (done) => {
      progress.tell({ work: 'checking seals', done, of });
    });
    progress.end();
    const { findings, sealed, head } = verdict;
    const lines = [
      ...findings.map(({ kind, what }) => `${kind}: ${what}`),
      `${sealed} rows sealed; head: ${head === null ? 'none yet' : `${head.hash} (${head.seq})`}`,
    ];
    await io.print(
      io.json
        ? jsonText({ findings, sealed, head: head === null ? null : { seq: head.seq, hash: head.hash } })
        : `${lines.join('\n')}\n`,
    );
    if (findings.length > 0) io.tell('The audit is not as it was written.', 'red');
    return findings.length > 0 ? 'failed' : 'done';
  });
