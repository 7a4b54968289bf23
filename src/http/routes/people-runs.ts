import Joi from 'joi';
import type { Actor } from '../../domain/actor.ts';
import { runStates, type RunState } from '../../ports/runs.ts';
import { plannedFor, reachOf } from '../../use-cases/anonymization-runs/asker.ts';
import type { NamedRun, RunStatus } from '../../use-cases/anonymization-runs/commands.ts';
import type { UseCases } from '../../use-cases/index.ts';
import { reference } from '../openapi/schema.ts';
import { listedRuns, namedRunAnswer, plannedAnswer } from '../presenters/run.ts';
import { boundByDigest } from '../requests/headers.ts';
import { parsePlan, planBody } from '../requests/run-body.ts';
import { nothing, sameBody } from '../requests/validate.ts';
import { route, type Answer } from '../route.ts';
import { byAdminsOfASite, nowhere, ofNamedRun } from '../where.ts';
import { peopleOf, runParameters } from './anonymization-runs.ts';

interface ListParameters {
  readonly state?: RunState;
  readonly cursor?: string;
  readonly pageSize?: string;
}
const listParameters = Joi.object<ListParameters>({
  state: Joi.string()
    .valid(...runStates)
    .messages({ 'any.only': `must be one of ${runStates.join(', ')}` })
    .description('Only runs in this state.'),
  cursor: Joi.string().max(4096).description('From `metadata.cursor`: goes on where that page ended.'),
  pageSize: Joi.string()
    .pattern(/^(?:[1-9]\d?|100)$/)
    .messages({ 'string.pattern.base': 'must be a number from 1 to 100' })
    .meta({ swagger: { type: 'integer', minimum: 1, maximum: 100, default: 20 }, swaggerOverride: true }),
});

const address = '/api/anonymization-run';
const ofOne = `${address}/{run}`;
const who =
  'Platform admins: every run. Admins of a site: runs over it, and those over lists that were planned for it; any other is not found.';

/** Plans are made one at a time for each site, for those that somebody is admin of, and for the platform. */
const lineOf = (actor: Actor): { readonly inLine: string } => ({
  inLine: `people ${plannedFor(reachOf(actor)).toString()}`,
});

const common = {
  group: 'Anonymize',
  needsToken: true,
  ofCallersSite: true,
  refusesUnknown: true,
  may: byAdminsOfASite,
  cache: 'no-store',
} as const;

/** What steers a run that is under way. */
const steering = (
  verb: 'pause' | 'resume' | 'cancel',
  words: { readonly summary: string; readonly description: string },
) => {
  const steer = (useCases: UseCases): ((run: NamedRun) => Promise<RunStatus>) =>
    ({ pause: useCases.pauseRun, resume: useCases.resumeRun, cancel: useCases.cancelRun })[verb];
  return route({
    ...common,
    method: 'post',
    path: `${ofOne}/${verb}`,
    operationId: `${verb}AnonymizationRun`,
    summary: words.summary,
    who,
    query: nothing,
    where: ofNamedRun,
    handler: async ({ useCases }, { actor, where: { name } }): Promise<Answer> =>
      namedRunAnswer(await steer(useCases)({ actor, name })),
    answer: { status: 200, description: words.description, schema: reference('Run') },
    problems: ['forbidden', 'not-found', 'conflict', 'busy'],
  });
};

/** Runs over a list of people, and all that runs of both kinds have in common. Source: people.md §1, docs/adr/0007. */
export const peopleRunRoutes = [
  route({
    ...common,
    method: 'post',
    path: address,
    operationId: 'planAnonymizationRun',
    summary: 'Plan the anonymization of several people, by id or by a filter; nobody is anonymized yet',
    who: 'Admins of a site: people there. Platform admins: anybody; `everywhere` is theirs only.',
    query: nothing,
    requestBody: planBody,
    repeatable: true,
    where: nowhere,
    handler: async ({ useCases, sites, timeZone }, { actor, body, path, repeatKey, inTurn }) => {
      const asked = await parsePlan(body, { actor, sites, timeZone });
      const repeat = repeatKey === undefined ? {} : { repeat: { key: repeatKey, path, body: sameBody(body, {}) } };
      return plannedAnswer(await inTurn(() => useCases.planRun({ actor, ...asked, ...repeat }), lineOf(actor)));
    },
    answer: {
      status: 201,
      description:
        'Written down: the plan in numbers, bound to its `ETag`. A repeat under the same `Idempotency-Key` plans nothing again and answers 200 with `Idempotency-Replayed: true`.',
      schema: reference('Run'),
      headers: ['Location', 'ETag', 'X-Plan-Digest'],
    },
    problems: ['forbidden', 'not-found', 'conflict', 'invalid-values', 'busy'],
  }),
  route({
    ...common,
    method: 'get',
    path: address,
    operationId: 'listAnonymizationRuns',
    summary: 'Runs over lists of people and over whole sites, newest first',
    who,
    query: listParameters,
    where: nowhere,
    handler: async ({ useCases }, { actor, query, path, rawQuery }) => {
      const { state = null, cursor = null, pageSize = '20' } = query;
      const listed = await useCases.listRuns({ actor, state, cursor, pageSize: Number(pageSize) });
      return listedRuns(listed, { path, rawQuery, pageSize: Number(pageSize) });
    },
    answer: {
      status: 200,
      description: 'One page. One without a `Link` to the next is the last.',
      schema: reference('Runs'),
      headers: ['Link'],
    },
    problems: ['forbidden'],
  }),
  route({
    ...common,
    method: 'get',
    path: ofOne,
    operationId: 'readAnonymizationRun',
    summary: 'How far a run is, and page by page what came of each person',
    who,
    query: runParameters,
    where: ofNamedRun,
    handler: async ({ useCases }, { actor, where: { name }, query, path, rawQuery, inTurn }) => {
      // What came of everybody is counted each time.
      const status = await inTurn(() => useCases.namedRunStatus({ actor, name, ...peopleOf(query) }));
      return namedRunAnswer(status, { path, query: rawQuery });
    },
    answer: {
      status: 200,
      description: 'How far it is; with `page`, what came of people too.',
      schema: reference('Run'),
      headers: ['ETag', 'X-Plan-Digest'],
    },
    problems: ['forbidden', 'not-found', 'busy'],
  }),
  route({
    ...common,
    method: 'post',
    path: `${ofOne}/start`,
    operationId: 'startAnonymizationRun',
    summary: 'Start what was planned, in the background, one person a transaction',
    who: 'Whoever planned it; what a platform admin planned, any platform admin.',
    query: nothing,
    conditional: true,
    where: ofNamedRun,
    handler: async ({ useCases }, { actor, where: { name }, ifMatch, inTurn }) => {
      const command = { actor, name, ...boundByDigest(ifMatch) };
      const status = await inTurn(() => useCases.startRun(command), lineOf(actor));
      return { ...namedRunAnswer(status), status: 202 };
    },
    answer: {
      status: 202,
      description: 'Begun, or going on already. `If-Match` with the `ETag` of the plan is needed.',
      schema: reference('Run'),
      headers: ['ETag', 'X-Plan-Digest'],
    },
    problems: ['forbidden', 'not-found', 'conflict', 'plan-changed', 'preview-required', 'busy'],
  }),
  steering('pause', { summary: 'Pause a run', description: 'How far it is; from now on nobody more is anonymized.' }),
  steering('resume', {
    summary: 'Resume a run, from now on in your name',
    description: 'How far it is; it goes on where it stood, and reaches no further than it was planned to.',
  }),
  steering('cancel', {
    summary: 'End a run for good',
    description: 'How far it was. What was planned only is gone with its list.',
  }),
];
