import { count, siteTotals } from './anonymization-components.ts';
import {
  date,
  id,
  listOf,
  numberedMetadata,
  object,
  objectOfAll,
  orNull,
  reference,
  text,
  type Schema,
} from './schema.ts';

const perName: Schema = { type: 'object', additionalProperties: count };
const planned = {
  digest: { ...text, description: 'For who may start it, and platform admins.' },
  users: { ...count, description: 'Rows that are anonymized.' },
  persons: { ...count, description: 'The people behind them.' },
  leftOut: { ...perName, description: 'People who are not, by the rule that keeps them.' },
  oauth: {
    ...object({ removed: count, kept: count }, ['removed', 'kept']),
    description: 'People who were added by address and have not logged in are in neither number.',
  },
};
const siteSummary = objectOfAll({ ...planned, sites: listOf(siteTotals) });
const runPerson = object(
  {
    userId: id,
    outcome: { ...text, description: '`planned`, `anonymized`, `left-out;reason=…`, `failed;reason=…`.' },
    attempts: count,
    at: date,
    operation: { ...text, description: 'For who did it, and platform admins.' },
    oauth: {
      ...orNull(object({ removal: text, values: text }, ['removal', 'values'])),
      description: 'How far it is at the OAuth server; null where nothing was done, or it is not yours to hear.',
    },
  },
  ['userId', 'outcome', 'attempts', 'at', 'oauth'],
);

/** What is told of how far a run is, whatever it is over. */
const progress: Readonly<Record<string, Schema>> = {
  progress: object({ done: count, total: count }, ['done', 'total']),
  estimate: { ...orNull(date), description: 'When it will be done, if it goes on as until now.' },
  outcomes: { ...perName, description: 'People by `planned`, `anonymized`, `left-out;reason=…`, `failed;reason=…`.' },
  triedAgain: { ...count, description: 'Of the failed: how many are tried again.' },
  cameAfter: { ...count, description: 'People who came to the site after it began.' },
  awaitingRemoval: { ...count, description: 'People who are still to be removed at the OAuth server.' },
  peopleKeptUntil: {
    ...orNull(date),
    description: 'Until when it is told what came of each person; later of how many people only. null: it is not over.',
  },
  people: objectOfAll({
    metadata: numberedMetadata(),
    forgotten: {
      ...count,
      description: 'How many more there were, of whom it is not kept any more what came of each.',
    },
    records: listOf(runPerson),
  }),
};
const told = [
  'progress',
  'estimate',
  'outcomes',
  'triedAgain',
  'cameAfter',
  'awaitingRemoval',
  'peopleKeptUntil',
  'plan',
];

const ticket: Schema = { ...orNull(text), description: 'The number of a ticket, as it was given.' };
const stands: Schema = { ...orNull(text), description: 'Why it stands still, or is not what was planned.' };
const states = ['planned', 'running', 'paused', 'done', 'cancelled'];

const listed: Readonly<Record<string, Schema>> = {
  id: { ...text, description: 'What addresses call it.' },
  kind: { type: 'string', enum: ['people', 'site'], description: 'Over a list of people, or over a whole site.' },
  siteId: { ...orNull(id), description: 'The site that it is over, or for; null: for the platform.' },
  extent: { type: 'string', enum: ['this-site', 'all-sites'] },
  statedReason: ticket,
  state: { type: 'string', enum: states },
  reason: stands,
  planned: { ...count, description: 'People on the list, those who are left out too.' },
  cancelled: { ...orNull(count), description: 'How many were not visited any more when it was cancelled.' },
  plannedAt: date,
  startedAt: { ...orNull(date), description: 'null: it was not started yet.' },
  finishedAt: orNull(date),
};

/** What runs over whole sites and over lists of people answer. */
export const runSchemas: Readonly<Record<string, Schema>> = {
  SiteSummaryOfAnonymization: siteSummary,
  AnonymizationRun: object(
    {
      id,
      siteId: id,
      statedReason: ticket,
      state: { type: 'string', enum: states },
      reason: stands,
      startedAt: date,
      finishedAt: orNull(date),
      ...progress,
      plan: { ...siteSummary, required: [], description: 'What was to be done when it began, and its digest.' },
    },
    ['id', 'siteId', 'statedReason', 'state', 'reason', 'startedAt', 'finishedAt', ...told],
  ),
  RunPlan: {
    ...object(
      {
        ...planned,
        sites: {
          ...objectOfAll({ number: count, first: listOf(siteTotals) }),
          description: 'How many there are, and the first hundred of them by id.',
        },
        chosenBy: { type: 'string', enum: ['id', 'filter'] },
      },
      ['users', 'persons', 'leftOut', 'oauth', 'sites'],
    ),
    description: 'What was to be done when it was planned.',
  },
  Run: object(
    {
      ...listed,
      ...progress,
      plan: reference('RunPlan'),
    },
    [...Object.keys(listed), ...told],
  ),
  Runs: object(
    {
      metadata: object({ pageSize: count, cursor: text }, ['pageSize']),
      records: listOf(object(listed, Object.keys(listed))),
    },
    ['metadata', 'records'],
  ),
};
