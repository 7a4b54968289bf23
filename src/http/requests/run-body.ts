import Joi from 'joi';
import { isPlatformAdmin, type Actor } from '../../domain/actor.ts';
import { invalidValues, isFault } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import { mustBeSiteAdmin } from '../../domain/refusals.ts';
import type { Choice, PlanRunCommand } from '../../use-cases/anonymization-runs/commands.ts';
import { reference } from '../openapi/schema.ts';
import type { Sites } from '../route.ts';
import { filterOf } from './filter.ts';
import { soughtWords } from './list-query.ts';
import { invalid, reasonKeys, validated, type WithReason } from './validate.ts';

/** So many people are named by their ids; whom more are to be is said by a filter. */
const maxNamed = 1000;

interface PlanBody extends WithReason {
  readonly users?: readonly number[];
  readonly siteId?: number;
  readonly filter?: JsonObject;
  readonly everywhere?: boolean;
}
export const planBody = Joi.object<PlanBody>({
  users: Joi.array()
    .items(Joi.number().integer().min(1).max(Number.MAX_SAFE_INTEGER))
    .min(1)
    .max(maxNamed)
    .description('Ids of users. Several rows of one person are one visit.'),
  siteId: Joi.number()
    .integer()
    .min(1)
    .description('In place of `users`: whom the list of this site shows you by `filter`.'),
  filter: Joi.object()
    .unknown()
    .meta({
      swagger: {
        ...reference('UserFilter'),
        description: 'As the filter of a list, `q` included. Staff are left out: they are chosen by id only.',
      },
      swaggerOverride: true,
    }),
  everywhere: Joi.boolean().description(
    'Each person at all their sites, for platform admins; else at the site of the row that names them.',
  ),
  ...reasonKeys,
});

type Asked = Pick<PlanRunCommand, 'choice' | 'everywhere' | 'reason'>;

/** Whom, and how much of them. Faults: `invalid-values`, `forbidden` for a site where the actor is no admin. Source: people.md §1. */
export const parsePlan = async (
  body: JsonObject,
  { actor, sites, timeZone }: { readonly actor: Actor; readonly sites: Sites; readonly timeZone: string },
): Promise<Asked> => {
  const { users, siteId, filter, everywhere = false, reason } = validated(planBody, body, 'body');
  const rest = { everywhere, ...(reason === undefined ? {} : { reason }) };
  if (users !== undefined) {
    if (siteId !== undefined || filter !== undefined)
      throw invalid('/users', 'is given beside siteId or filter: choose one way');
    return { choice: { by: 'id', userIds: users }, ...rest };
  }
  if (siteId === undefined) throw invalid('/users', 'is needed, or siteId with filter');
  // Whether there is such a site is nobody's to hear who is no admin of it.
  if (!isPlatformAdmin(actor)) mustBeSiteAdmin(actor, siteId);
  const site = await sites.byId(siteId);
  if (site === null) throw invalid('/siteId', 'is no site');
  return { choice: { by: 'filter', site, ...selectionIn(filter ?? {}, actor, site, timeZone) }, ...rest };
};

type ByFilter = Extract<Choice, { by: 'filter' }>;

/** By the rules of a list. Whoever asks for everybody means something else: admins left out, and a site that has ended. */
const selectionIn = (
  filter: JsonObject,
  actor: Actor,
  site: ByFilter['site'],
  timeZone: string,
): Pick<ByFilter, 'conditions' | 'words'> => {
  const { conditions, q } = inBody(() => filterOf(JSON.stringify(filter), actor, site, timeZone));
  const words = inBody(() => soughtWords(q, undefined, true), '/filter');
  if (conditions.length > 0 || words.length > 0) return { conditions, words };
  throw invalid(
    '/filter',
    'chooses everybody: say whom; all people of a site that has ended are anonymized by do-anonymize-all-users',
  );
};

/** What cannot be read in a query is a wrong value in a body. */
const inBody = <T>(read: () => T, within = ''): T => {
  try {
    return read();
  } catch (error) {
    if (!isFault(error, 'malformed-request')) throw error;
    throw invalidValues(error.facts.errors.map(({ pointer, detail }) => ({ pointer: `${within}/${pointer}`, detail })));
  }
};
