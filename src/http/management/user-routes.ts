import Joi from 'joi';
import type { PersonFacts } from '../../domain/people/person-facts.ts';
import type { JsonObject } from '../../domain/json.ts';
import { type Schema, reference } from '../openapi/schema.ts';
import { mustReach } from '../auth/authenticate-client.ts';
import { boundByDigest } from '../requests/headers.ts';
import { nothing, validated, justReason, reasonOf } from '../requests/validate.ts';
import { asParameters, managed } from './managed.ts';
import { anonymizedPersonAnswer, changedAnswer, deletedPersonAnswer, peopleAnswer, personAnswer } from './present.ts';
import { exportText } from '../presenters/export.ts';

/** As it stands in the address. Source: management-api.md §2. */
interface ListParameters {
  readonly page?: string;
  readonly per_page?: string;
  readonly is_expert?: string;
  readonly is_selected?: string;
  readonly sub_application_name?: string;
  readonly uid?: string;
  readonly email?: string;
  readonly api_key?: string;
}
const number = (description: string, schema: Schema): Joi.StringSchema =>
  Joi.string().meta({ swagger: { type: 'integer', minimum: 1, description, ...schema }, swaggerOverride: true });
const says = (must: string): Record<string, string> => ({ 'string.pattern.base': must, 'string.empty': must });
const flag = (description: string): Joi.StringSchema =>
  Joi.string()
    .valid('true', 'false', '1', '0')
    .meta({ swagger: { type: 'boolean', description }, swaggerOverride: true })
    .messages({ 'any.only': 'must be true or false', 'string.empty': 'must be true or false' });

const listParameters = Joi.object<ListParameters>({
  page: number('The page, from 1.', { default: 1 })
    .pattern(/^[1-9]\d{0,8}$/)
    .messages(says('must be a number from 1')),
  per_page: number('How many a page.', { maximum: 100, default: 10 })
    .pattern(/^(?:[1-9]\d?|100)$/)
    .messages(says('must be a number from 1 to 100')),
  is_expert: flag('Only so-called experts, or only others.'),
  is_selected: flag('Only people to be highlighted, or only others.'),
  sub_application_name: Joi.string()
    .max(255)
    .description(
      "The name of one of the client's sites, or its domain: only its people. A name that several have is refused.",
    ),
  uid: Joi.string()
    .max(255)
    .messages({ 'string.empty': 'must name somebody' })
    .description('Only who has this id at the OAuth server; needs `admin`.'),
  email: Joi.string()
    .max(255)
    .pattern(/\S/)
    .messages(says('must be an address'))
    .description('Only who has exactly this address, but for its case, at one of these sites; needs `admin`.'),
  api_key: Joi.string().max(64).description('The API key, in place of a token.'),
});

const isTrue = (text: string): boolean => text === 'true' || text === '1';

interface FactsBody {
  readonly is_expert?: boolean;
  readonly is_selected?: boolean;
  readonly points?: number;
  readonly score?: number;
}
const whole = Joi.number().integer().min(0).max(2_147_483_647).messages({
  '*': 'must be a whole number from 0 to 2147483647',
});
const yesOrNo = Joi.boolean().strict().messages({ '*': 'must be true or false' });
const factsBody = Joi.object<FactsBody>({
  is_expert: yesOrNo,
  is_selected: yesOrNo,
  points: whole.description('The level follows from them.'),
  score: whole,
});

const factsOf = (body: JsonObject): Partial<PersonFacts> => {
  const { is_expert: isExpert, is_selected: isSelected, points, score } = validated(factsBody, body, 'body');
  return {
    ...(isExpert === undefined ? {} : { isExpert }),
    ...(isSelected === undefined ? {} : { isSelected }),
    ...(points === undefined ? {} : { points }),
    ...(score === undefined ? {} : { score }),
  };
};

const one = '/api/v1/users/{uid}';
const answered = (data: Schema): Schema => ({
  type: 'object',
  properties: { success: { type: 'boolean', const: true }, data },
  required: ['success', 'data'],
});
const unknown = ['user-not-found'] as const;
const refusing = [...unknown, 'forbidden', 'conflict', 'busy'] as const;

/** The management API of people. Source: management-api.md §2. */
export const managedUserRoutes = [
  managed({
    method: 'get',
    path: '/api/v1/users',
    operationId: 'listPeople',
    summary: "List the people of the client's sites",
    who: 'Clients with `public`, or by `api_key`: who is listable to everybody, as a visitor sees them. With `authentication`: everybody, with `uid` (and without points and flags of who was added by address at all of these sites and has not logged in). With `admin`: with `email`, `age`, `city`, `occupation` and `interests` as well, and by `uid` and `email`. One entry a person, however many sites.',
    scope: 'public',
    query: listParameters,
    handler: async ({ listPeople }, { actor, query, rawQuery, path, inTurn }) => {
      const { page = '1', per_page = '10', is_expert, is_selected, sub_application_name, uid, email } = query;
      if (uid !== undefined || email !== undefined) mustReach(actor, 'admin');
      const [number, perPage] = [Number(page), Number(per_page)];
      const listed = await listPeople({
        actor,
        inTurn,
        page: number,
        perPage,
        ...(is_expert === undefined ? {} : { isExpert: isTrue(is_expert) }),
        ...(is_selected === undefined ? {} : { isSelected: isTrue(is_selected) }),
        ...(sub_application_name === undefined ? {} : { siteName: sub_application_name }),
        ...(uid === undefined ? {} : { uid }),
        ...(email === undefined ? {} : { email }),
      });
      return peopleAnswer({ path, rawQuery, page: number, perPage }, listed);
    },
    answer: {
      status: 200,
      description: 'One page, in the order of ids.',
      schema: answered({ type: 'array', items: reference('Person') }),
      headers: ['Total', 'Per-Page'],
    },
    problems: ['busy'],
  }),
  managed({
    method: 'get',
    path: one,
    operationId: 'viewPerson',
    summary: "View one person of the client's sites",
    who: 'Clients with `authentication`.',
    scope: 'authentication',
    query: nothing,
    handler: async ({ getPerson }, { actor, uid, inTurn }) => personAnswer(await getPerson({ actor, uid, inTurn })),
    answer: { status: 200, description: 'The person.', schema: answered(reference('Person')) },
    problems: [...unknown, 'busy'],
  }),
  managed({
    method: 'get',
    path: `${one}/export`,
    operationId: 'exportPerson',
    summary: "Everything that is kept of a person at the client's sites",
    who: 'Clients with `admin`. Recovery of data: rows, contributions, logins and what other tables hold; no secrets, and nothing of other sites.',
    scope: 'admin',
    query: nothing,
    handler: ({ exportPerson }, { actor, uid, tellsNothing, inTurn }) =>
      Promise.resolve({
        status: 200,
        stream: exportText(
          `{"success":true,"data":{"uid":${JSON.stringify(uid)},`,
          exportPerson({ actor, uid, tellsNothing, inTurn }),
          '}}',
        ),
      }),
    answer: {
      status: 200,
      description: 'A list per table, as they stand.',
      schema: answered(reference('PersonExport')),
    },
    problems: [...unknown, 'busy'],
  }),
  managed({
    method: 'post',
    path: `${one}/anonymize`,
    operationId: 'anonymizePerson',
    summary: "Anonymize a person at all of the client's sites",
    who: 'Clients with `authentication`. Not reversible: contributions stay under the replaced name, votes go where voting is active. Again within thirty days: 200 with zero counts.',
    scope: 'authentication',
    query: justReason,
    requestBody: justReason,
    bodyIs: 'none',
    conditional: true,
    handler: async ({ anonymizePerson }, { actor, uid, body, query, ifMatch }) =>
      anonymizedPersonAnswer(
        actor,
        await anonymizePerson({
          actor,
          uid,
          ...asParameters(() => reasonOf({ body, query })),
          ...boundByDigest(ifMatch),
        }),
      ),
    answer: {
      status: 200,
      description: 'What was done.',
      schema: answered(reference('AnonymizationSummary')),
      headers: ['X-OAuth-Removal', 'X-OAuth-Values', 'X-Plan-Digest', 'Link'],
    },
    problems: [...refusing, 'plan-changed', 'preview-required'],
  }),
  managed({
    method: 'delete',
    path: one,
    operationId: 'deletePerson',
    summary: "Delete a person at all of the client's sites, with all contributions",
    who: 'Clients with `authentication`. Not reversible. All or nothing; again within thirty days: 200 with zero counts.',
    scope: 'authentication',
    query: nothing,
    handler: async ({ deletePerson }, { actor, uid }) => deletedPersonAnswer(actor, await deletePerson({ actor, uid })),
    answer: {
      status: 200,
      description: 'Gone; how many rows and contributions went.',
      schema: answered(reference('PersonDeleted')),
      headers: ['X-OAuth-Removal', 'X-OAuth-Values', 'Link'],
    },
    problems: refusing,
  }),
  managed({
    method: 'patch',
    path: one,
    operationId: 'changePerson',
    summary: 'Set what is kept of a person beside the OAuth server',
    who: 'Clients with `admin`. What is not named stays; unknown keys are ignored. Not for somebody who was added by address and has not logged in at any of its sites.',
    scope: 'admin',
    query: nothing,
    requestBody: factsBody,
    handler: async ({ setFacts }, { actor, uid, body, inTurn }) =>
      changedAnswer(await setFacts({ actor, uid, facts: factsOf(body), inTurn })),
    answer: { status: 200, description: 'The person after the change.', schema: answered(reference('ChangedPerson')) },
    problems: [...unknown, 'conflict', 'busy'],
  }),
];
