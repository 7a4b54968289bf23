import Joi from 'joi';
import type { User } from '../../domain/users/user.ts';
import type { AtSite } from '../../use-cases/commands.ts';
import type { ListedPage, StreamedPage } from '../../use-cases/users/commands.ts';
import { type Answer, route } from '../route.ts';
import { byCreators, atSite } from '../where.ts';
import { reference } from '../openapi/schema.ts';
import { jsonArray, jsonList, userText, userAnswer } from '../presenters/user-records.ts';
import { listParameters, pagingOf, selectionOf, deepestPage, type Paging } from '../requests/list-query.ts';
import { useOauth } from '../requests/login-query.ts';
import { pageLinks, walkMetadata, withQuery, type Query } from '../requests/validate.ts';
import { createBody, parseCreate } from '../requests/user-body.ts';
import { oauthTrouble } from '../problems.ts';

/** A list as it was asked for. */
interface ListRequest extends AtSite {
  readonly path: string;
  readonly rawQuery: Query;
}

/** Rows of a page that are read and written in one go. Those of a larger one are streamed, as the list of everybody is. */
const mostInOnePiece = 20;

type PagePaging = Exclude<Paging, { by: 'everybody' }>;
type Counted = Pick<ListedPage, 'totalCount' | 'cursor'>;

/** One page with its metadata; reached by cursor it carries no count. Source: user-api.md §3 "List". */
const pageAnswer = async (request: ListRequest, paging: PagePaging, listed: ListedPage): Promise<Answer> => ({
  status: 200,
  json: `${pageBegin(request, paging, listed)}${await jsonList(listed.users, textIn(request))}}`,
});

/** Nothing is read before the answer may begin: whoever has too many under way is refused for nothing. */
async function* streamedPage(
  request: ListRequest,
  paging: PagePaging,
  read: () => Promise<StreamedPage>,
): AsyncGenerator<string> {
  const listed = await read();
  let begin = pageBegin(request, paging, listed);
  // It goes out with the first of them, whose turn is waited for: until then a refusal is told as one.
  for await (const piece of jsonArray(listed.batches, textIn(request))) {
    yield begin + piece;
    begin = '';
  }
  yield '}';
}

const textIn =
  ({ actor, site }: AtSite) =>
  (user: User): string =>
    userText(actor, user, site);

const pageBegin = (request: ListRequest, paging: PagePaging, counted: Counted): string => {
  const metadata =
    paging.by === 'page'
      ? numberedMetadata(request, paging, counted)
      : walkMetadata(request, { pageSize: paging.pageSize, cursor: counted.cursor });
  return `{"metadata":${JSON.stringify(metadata)},"records":`;
};

const numberedMetadata = (
  { actor, site, path, rawQuery }: ListRequest,
  { page, pageSize }: { readonly page: number; readonly pageSize: number },
  { totalCount, cursor }: Counted,
): object => {
  const total = totalCount ?? 0;
  const pageCount = Math.ceil(total / pageSize);
  const link = (to: number): string => withQuery(path, rawQuery, { page: to, cursor: null });
  // No link leads where it is refused.
  const last = Math.max(0, Math.min(pageCount - 1, deepestPage(pageSize, actor, site)));
  return {
    page,
    pageSize,
    pageCount,
    totalCount: total,
    ...(cursor === null ? {} : { cursor }),
    links: pageLinks(page, last, link),
  };
};

const createParameters = Joi.object<{ readonly useOauth?: string }>({
  useOauth,
});

export const usersRoutes = [
  route({
    method: 'get',
    path: '/api/site/{siteId}/user',
    operationId: 'listUsers',
    summary: 'List the users of a site',
    group: 'Users',
    who: 'Everybody; listed are those whose `listableByRole` allows it (else for moderators and above only), and always oneself.',
    needsToken: false,
    query: listParameters,
    where: atSite,
    handler: async ({ useCases, timeZone }, { actor, where: { site }, query, path, rawQuery, inTurn }) => {
      const selection = { actor, site, ...selectionOf(query, actor, site, timeZone), inTurn };
      const paging = pagingOf(query, actor, site);
      if (paging.by === 'everybody')
        return { status: 200, stream: jsonArray(useCases.streamUsers(selection), textIn({ actor, site })) };
      const { pageSize } = paging;
      const part = paging.by === 'page' ? { page: paging.page } : { page: 0, cursor: paging.cursor };
      const command = { ...selection, pageSize, ...part };
      const request = { actor, site, path, rawQuery };
      return pageSize > mostInOnePiece
        ? { status: 200, stream: streamedPage(request, paging, () => useCases.streamPage(command)) }
        : pageAnswer(request, paging, await useCases.listPage(command));
    },
    cache: 'private, no-cache',
    answer: {
      status: 200,
      description: 'One page with its metadata; without `page` and `cursor` an array of everybody.',
      // A page by its number is a page of a walk, too.
      schema: { anyOf: [reference('UserPage'), reference('UserWalk'), reference('UserList')] },
    },
    problems: ['site-not-found', 'busy'],
  }),
  route({
    method: 'post',
    path: '/api/site/{siteId}/user',
    operationId: 'createUser',
    guessesAddresses: true,
    summary: 'Create a user',
    group: 'Users',
    who: 'Moderators and above.',
    needsToken: true,
    query: createParameters,
    requestBody: createBody,
    document: 'extraData',
    where: atSite,
    may: byCreators,
    handler: async ({ useCases }, { actor, where: { site }, query, body }) => {
      const provider = query.useOauth === undefined ? {} : { provider: query.useOauth };
      return userAnswer(
        { actor, site },
        await useCases.createUser({ actor, site, change: parseCreate(body), ...provider }),
        201,
      );
    },
    cache: 'private, no-cache',
    answer: {
      status: 201,
      description: 'The user as the actor may see it.',
      schema: reference('User'),
      headers: ['Location', 'ETag'],
    },
    problems: ['forbidden', 'site-not-found', 'conflict', 'invalid-values', 'person-being-removed', ...oauthTrouble],
  }),
];
