import type { Json, JsonObject } from '../../domain/json.ts';
import type { ListedRun, OutcomeCount, RunPerson } from '../../ports/runs.ts';
import { shownSiteSummary } from '../../use-cases/anonymization-runs/begin-run.ts';
import type {
  BegunRun,
  ListedRuns,
  RunStatus,
  SiteSummary,
  ToldPerson,
} from '../../use-cases/anonymization-runs/commands.ts';
import type { Answer } from '../route.ts';
import { pageMetadata, withQuery, type Query } from '../requests/validate.ts';

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

interface Address {
  readonly path: string;
  readonly query: Query;
}

/** How far a run over a site is; `address`: where its pages of people are asked for. */
export const runBody = (status: RunStatus, address?: Address): object => {
  const { run } = status;
  const siteId = run.kind === 'site' ? run.siteId : run.forSiteId;
  return {
    ...{ id: run.id, siteId, statedReason: run.statedReason, state: run.state, reason: run.reason },
    ...{ startedAt: run.startedAt, finishedAt: run.finishedAt },
    ...progressBody(status, address),
  };
};

/** What is told of how far any run is. */
const progressBody = (
  { progress, estimate, counts, awaitingRemoval, peopleKeptUntil, plan, people }: RunStatus,
  address?: Address,
): object => ({
  progress,
  estimate,
  outcomes: Object.fromEntries(counts.map((one) => [outcomeOf(one), one.people])),
  triedAgain: sum(counts, (one) => one.waiting),
  cameAfter: sum(counts, (one) => one.cameAfter),
  awaitingRemoval,
  peopleKeptUntil,
  plan: plan satisfies JsonObject,
  ...(people === null || address === undefined ? {} : { people: pageBody(people, address) }),
});

/** A run of either kind, as it stands in a list of them. */
const listedRun = (run: ListedRun, isOwn: boolean): object => ({
  id: run.name,
  kind: run.kind,
  siteId: run.kind === 'site' ? run.siteId : run.forSiteId,
  extent: run.kind === 'site' ? 'this-site' : run.extent,
  statedReason: isOwn ? run.statedReason : null,
  state: run.state,
  reason: run.reason,
  planned: run.planned,
  cancelled: run.kind === 'site' ? null : run.cancelled,
  plannedAt: run.kind === 'site' ? run.startedAt : run.plannedAt,
  startedAt: run.state === 'planned' ? null : run.startedAt,
  finishedAt: run.finishedAt,
});

/** Where its digest is this actor's to know, bound to it. Source: people.md §1. */
export const namedRunAnswer = (status: RunStatus, address?: Address): Answer => {
  const { digest } = status.plan;
  return {
    status: 200,
    headers: typeof digest === 'string' ? { ETag: `"${digest}"`, 'X-Plan-Digest': digest } : {},
    body: {
      ...listedRun(status.run, status.isOwn),
      ...progressBody({ ...status, plan: withSites(status.plan) }, address),
    },
  };
};

/** The plan of a whole site has a list of one site, or none. */
const withSites = (plan: JsonObject): JsonObject => {
  const sites = plan['sites'];
  return Array.isArray(sites) ? { ...plan, sites: { number: sites.length, first: sites as readonly Json[] } } : plan;
};

/** Written down: 201 with where to look. A repeat under the same key: 200. */
export const plannedAnswer = ({ status, replayed }: BegunRun): Answer => {
  const answer = namedRunAnswer(status);
  return {
    ...answer,
    status: replayed ? 200 : 201,
    headers: {
      ...answer.headers,
      Location: `/api/anonymization-run/${status.run.name}`,
      ...(replayed ? { 'Idempotency-Replayed': 'true' } : {}),
    },
  };
};

/** One page; the next one stands in `Link`. */
export const listedRuns = (
  { runs, cursor }: ListedRuns,
  { path, rawQuery, pageSize }: { readonly path: string; readonly rawQuery: Query; readonly pageSize: number },
): Answer => ({
  status: 200,
  headers: cursor === null ? {} : { Link: `<${withQuery(path, rawQuery, { cursor })}>; rel="next"` },
  body: {
    metadata: { pageSize, ...(cursor === null ? {} : { cursor }) },
    records: runs.map(({ isOwn, ...run }) => listedRun(run, isOwn)),
  },
});

const pageBody = (
  { page, pageSize, totalCount, forgotten, records }: NonNullable<RunStatus['people']>,
  { path, query }: { readonly path: string; readonly query: Query },
): object => ({
  metadata: pageMetadata({ path, rawQuery: query }, { page, pageSize, totalCount }),
  forgotten,
  records: records.map(personBody),
});

const personBody = ({ userId, attempts, at, operation, oauth, ...visited }: ToldPerson): object => ({
  userId,
  outcome: outcomeOf(visited),
  attempts,
  at,
  ...(operation === null ? {} : { operation }),
  oauth: oauth === null ? null : { removal: oauth.removal, values: oauth.values },
});

/** `anonymized`, `left-out;reason=…`, `failed;reason=…`. */
const outcomeOf = ({ outcome, reason }: Pick<RunPerson, 'outcome' | 'reason'>): string =>
  reason === null ? outcome : `${outcome};reason=${reason}`;

const sum = (counts: readonly OutcomeCount[], of: (count: OutcomeCount) => number): number =>
  counts.reduce((total, one) => total + of(one), 0);
