import Joi from 'joi';
import { personOutcomes, type PersonOutcome } from '../../ports/runs.ts';
import type { AnonymizeSiteCommand, RunStatusCommand } from '../../use-cases/anonymization-runs/commands.ts';
import { byAdmins, atSite, ofRun, type SiteOfAddress } from '../where.ts';
import { reference } from '../openapi/schema.ts';
import { begunAnswer, runBody, siteSummaryAnswer } from '../presenters/run.ts';
import { boundByDigest } from '../requests/headers.ts';
import { defaultPageSize, pageNumber, pageSizeNumber } from '../requests/list-query.ts';
import { nothing, justReason, reasonOf, sameBody, type WithReason } from '../requests/validate.ts';
import { route, type HandlerInput } from '../route.ts';

interface RunParameters {
  readonly page?: string;
  readonly pageSize?: string;
  readonly outcome?: PersonOutcome;
}

/** Which of a run's people to list; none without `page`. */
export const runParameters = Joi.object<RunParameters>({
  page: pageNumber('From 0. Without it people are counted only.'),
  pageSize: pageSizeNumber,
  outcome: Joi.string()
    .valid(...personOutcomes)
    .messages({ 'any.only': `must be one of ${personOutcomes.join(', ')}` })
    .description('Only people whom this came to.'),
});

export const peopleOf = ({ page, pageSize, outcome }: RunParameters): Pick<RunStatusCommand, 'people'> => {
  if (page === undefined) return {};
  const which = outcome === undefined ? {} : { outcome };
  return { people: { page: Number(page), pageSize: Number(pageSize ?? defaultPageSize), ...which } };
};

const who = 'Admins of the site; the site must have ended.';
const run = '/api/site/{siteId}/anonymize-all-users/{runId}';

const commandOf = (input: HandlerInput<SiteOfAddress, WithReason>): AnonymizeSiteCommand => {
  const { actor, where, body, ifMatch, path, repeatKey } = input;
  const reason = reasonOf(input);
  return {
    actor,
    site: where.site,
    ...reason,
    ...boundByDigest(ifMatch),
    ...(repeatKey === undefined ? {} : { repeat: { key: repeatKey, path, body: sameBody(body, reason) } }),
  };
};

const whole = {
  method: 'put',
  group: 'Anonymize',
  needsToken: true,
  query: nothing,
  // Nobody can be chosen: what tries to would be overheard, and everybody anonymized.
  refusesUnknown: true,
  where: atSite,
  may: byAdmins,
  cache: 'no-store',
} as const;
const oneRun = {
  group: 'Anonymize',
  who: 'Admins of the site.',
  needsToken: true,
  refusesUnknown: true,
  where: ofRun,
  may: byAdmins,
  cache: 'no-store',
} as const;
const steered = (state: string) =>
  ({ status: 200, description: `How far it is; ${state}.`, schema: reference('AnonymizationRun') }) as const;

/** Everybody at a site that has ended. Source: user-api.md §3 "Around it", docs/adr/0007. */
export const anonymizeSiteRoutes = [
  route({
    ...whole,
    path: '/api/site/{siteId}/will-anonymize-all-users',
    operationId: 'willAnonymizeSite',
    summary: 'Preview anonymizing everybody at a site',
    who,
    looksOnly: true,
    handler: async ({ useCases }, { actor, where: { site }, inTurn }) =>
      siteSummaryAnswer(await inTurn(() => useCases.previewSite({ actor, site }), { inLine: `site ${site.id}` })),
    answer: {
      status: 200,
      description: 'What would be done, in numbers.',
      schema: reference('SiteSummaryOfAnonymization'),
      headers: ['ETag', 'X-Plan-Digest'],
    },
    problems: ['forbidden', 'site-not-found', 'conflict', 'busy'],
  }),
  route({
    ...whole,
    path: '/api/site/{siteId}/do-anonymize-all-users',
    operationId: 'doAnonymizeSite',
    summary: 'Anonymize everybody at a site, in the background, one person a transaction',
    who,
    query: justReason,
    requestBody: justReason,
    bodyIs: 'none',
    conditional: true,
    repeatable: true,
    handler: async ({ useCases }, input) => {
      const { id } = input.where.site;
      return begunAnswer(id, await input.inTurn(() => useCases.beginRun(commandOf(input)), { inLine: `site ${id}` }));
    },
    answer: {
      status: 202,
      description:
        'Begun, or going on already: `Location` tells how far it is. A repeat under the same `Idempotency-Key` does nothing and answers 200 with `Idempotency-Replayed: true`.',
      schema: reference('AnonymizationRun'),
      headers: ['Location', 'X-Plan-Digest'],
    },
    problems: ['forbidden', 'site-not-found', 'conflict', 'plan-changed', 'preview-required', 'busy'],
  }),
  route({
    ...oneRun,
    method: 'get',
    path: run,
    operationId: 'runStatus',
    summary: 'How far the anonymization of a site is, and what came of each person',
    query: runParameters,
    handler: async ({ useCases }, { actor, where: { site, runId }, query, path, rawQuery, inTurn }) => {
      // What came of everybody is counted each time.
      const status = await inTurn(() => useCases.runStatus({ actor, site, runId, ...peopleOf(query) }));
      return { status: 200, body: runBody(status, { path, query: rawQuery }) };
    },
    answer: steered('with `page`, what came of people too'),
    problems: ['forbidden', 'site-not-found', 'not-found', 'busy'],
  }),
  route({
    ...oneRun,
    method: 'put',
    path: `${run}/pause`,
    operationId: 'pauseRun',
    summary: 'Pause the anonymization of a site',
    query: nothing,
    handler: async ({ useCases }, { actor, where: { site, runId } }) => ({
      status: 200,
      body: runBody(await useCases.pauseRun({ actor, site, runId })),
    }),
    answer: steered('from now on nobody more is anonymized'),
    problems: ['forbidden', 'site-not-found', 'not-found', 'conflict'],
  }),
  route({
    ...oneRun,
    method: 'put',
    path: `${run}/resume`,
    operationId: 'resumeRun',
    summary: 'Resume the anonymization of a site, from now on in your name',
    query: nothing,
    handler: async ({ useCases }, { actor, where: { site, runId } }) => ({
      status: 200,
      body: runBody(await useCases.resumeRun({ actor, site, runId })),
    }),
    answer: steered('it goes on where it stood'),
    problems: ['forbidden', 'site-not-found', 'not-found', 'conflict'],
  }),
  route({
    ...oneRun,
    method: 'put',
    path: `${run}/cancel`,
    operationId: 'cancelRun',
    summary: 'End the anonymization of a site for good',
    query: nothing,
    handler: async ({ useCases }, { actor, where: { site, runId } }) => ({
      status: 200,
      body: runBody(await useCases.cancelRun({ actor, site, runId })),
    }),
    answer: steered('nobody more is anonymized by it, and another may be begun'),
    problems: ['forbidden', 'site-not-found', 'not-found', 'conflict', 'busy'],
  }),
];
