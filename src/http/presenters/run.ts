import type { JsonObject } from '../../domain/json.ts';
import type { OutcomeCount, RunPerson } from '../../ports/runs.ts';
import { shownSiteSummary } from '../../use-cases/anonymization-runs/begin-run.ts';
import type { BegunRun, RunStatus, SiteSummary, ToldPerson } from '../../use-cases/anonymization-runs/commands.ts';
import type { Answer } from '../route.ts';
import { withQuery, type Query } from '../requests/validate.ts';

/** What `will-anonymize-all-users` answers, bound to its digest as the preview of one person is. */
export const siteSummaryAnswer = (summary: SiteSummary): Answer => ({
  status: 200,
  headers: { ETag: `"${summary.digest}"`, 'X-Plan-Digest': summary.digest },
  body: shownSiteSummary(summary),
});

/** Begun, or going on already: 202 with where to look. A repeat under the same key: 200. Source: docs/adr/0007. */
export const begunAnswer = (siteId: number, { status, replayed }: BegunRun): Answer => ({
  status: replayed ? 200 : 202,
  headers: {
    Location: `/api/site/${siteId}/anonymize-all-users/${status.run.id}`,
    ...(typeof status.run.plan['digest'] === 'string' ? { 'X-Plan-Digest': status.run.plan['digest'] } : {}),
    ...(replayed ? { 'Idempotency-Replayed': 'true' } : {}),
  },
  body: runBody(status),
});

/** How far a run is; `address`: where its pages of people are asked for. */
export const runBody = (status: RunStatus, address?: { readonly path: string; readonly query: Query }): object => {
  const { run, counts, progress, estimate, people, plan } = status;
  const { id, statedReason, state, reason, startedAt, finishedAt } = run;
  const siteId = run.kind === 'site' ? run.siteId : run.forSiteId;
  return {
    ...{ id, siteId, statedReason, state, reason, progress, startedAt, finishedAt, estimate },
    outcomes: Object.fromEntries(counts.map((one) => [outcomeOf(one), one.people])),
    triedAgain: sum(counts, (one) => one.waiting),
    cameAfter: sum(counts, (one) => one.cameAfter),
    plan: plan satisfies JsonObject,
    ...(people === null || address === undefined ? {} : { people: pageBody(people, address) }),
  };
};

const pageBody = (
  { page, pageSize, totalCount, records }: NonNullable<RunStatus['people']>,
  { path, query }: { readonly path: string; readonly query: Query },
): object => {
  const pageCount = Math.ceil(totalCount / pageSize);
  const last = Math.max(0, pageCount - 1);
  const link = (to: number): string => withQuery(path, query, { page: to });
  return {
    metadata: {
      ...{ page, pageSize, pageCount, totalCount },
      links: {
        self: link(page),
        first: link(0),
        last: link(last),
        ...(page > 0 ? { previous: link(Math.min(page - 1, last)) } : {}),
        ...(page < last ? { next: link(page + 1) } : {}),
      },
    },
    records: records.map(personBody),
  };
};

const personBody = ({ userId, attempts, at, ...visited }: ToldPerson): object => ({
  userId,
  outcome: outcomeOf(visited),
  attempts,
  at,
});

/** `anonymized`, `left-out;reason=…`, `failed;reason=…`. */
const outcomeOf = ({ outcome, reason }: Pick<RunPerson, 'outcome' | 'reason'>): string =>
  reason === null ? outcome : `${outcome};reason=${reason}`;

const sum = (counts: readonly OutcomeCount[], of: (count: OutcomeCount) => number): number =>
  counts.reduce((total, one) => total + of(one), 0);
