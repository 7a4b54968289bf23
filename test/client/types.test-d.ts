import {
  civitas,
  CivitasProblem,
  type Anonymization,
  type AnonymizationChanges,
  type AnonymizationSummary,
  type ForbiddenProblem,
  type FoundPerson,
  type Me,
  type Operation,
  type PeoplePage,
  type PeopleWalk,
  type Plan,
  type Problem,
  type ProblemOf,
  type Run,
  type RunPlan,
  type User,
  type UserFilter,
  type UserList,
  type UserPage,
  type UserSort,
  type UserWalk,
  type Visitor,
} from '../../src/client/index.ts';

/**
 * What the types of the client promise; `npm run check -- lint` reads this file, and nothing runs it. No cast and no `any`: what a
 * caller would have to write to be understood is a fault of the types.
 */

// Two types are the same where nothing tells them apart as conditions.
// oxlint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- each stands for any type
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** An expression is of exactly this type. */
const is = <T>() => ({
  type: <U>(value: U, ...differs: Same<T, U> extends true ? [] : [never]): readonly unknown[] => [value, ...differs],
});

const client = civitas({ url: 'https://api.example.org', token: 'demo-admin' });

export const lists = async (): Promise<void> => {
  is<User[]>().type(await client.users(1).list());
  is<UserPage>().type(await client.users(1).page());
  is<UserPage>().type(await client.users(1).page({ page: 2, pageSize: 50, q: 'ver' }));
  is<UserWalk>().type(await client.users(1).page({ cursor: 'v1.x' }));
  const first = await client.users(1).page({ page: undefined, pageSize: undefined, q: undefined });
  is<UserPage>().type(first);
  // The cursor of whatever page there is: none is the first.
  is<UserPage | UserWalk>().type(await client.users(1).page({ cursor: first.metadata.cursor, q: 'ver' }));
  is<UserPage | UserWalk | UserList>().type(await client.call('listUsers', { path: { siteId: 1 } }));
  is<UserPage>().type(await client.call('listUsers', { path: { siteId: 1 }, query: { page: 0 } }));
  is<UserWalk>().type(await client.call('listUsers', { path: { siteId: 1 }, query: { cursor: 'v1.x' } }));
  for await (const user of client.users(1).all({ filter: { role: 'moderator' } })) is<User>().type(user);
  const found = await client.people.find({ q: 'noor' });
  is<PeopleWalk>().type(found);
  is<PeopleWalk>().type(await client.people.find({ q: 'noor', cursor: found.metadata.cursor }));
  is<PeoplePage>().type(await client.people.find({ email: 'noor@example.org', page: 0 }));
  for await (const person of client.people.all({ q: 'noor' })) is<FoundPerson>().type(person);
  // @ts-expect-error -- who asks for a page by number is told the total, who walks is not
  is<number>().type((await client.users(1).page({ cursor: 'v1.x' })).metadata.totalCount);
  // @ts-expect-error -- a page is no array
  is<User[]>().type(await client.users(1).page());
};

export const selections = async (): Promise<void> => {
  const ids: readonly number[] = [1, 2];
  await client
    .users(1)
    .list({ filter: { id: ids, lastName: { substring: 'an' }, createdAt: '2026-01-31', city: null } });
  await client.users(1).page({ filter: { role: { '!=': 'member' }, complete: true, q: 'ver' }, sort: 'lastName_desc' });
  await client.call('listUsers', { path: { siteId: 1 }, query: { page: 0, sort: ['createdAt', 'DESC'] } });
  // A field that a form names.
  const sort = (field: 'lastName' | 'city'): UserSort => `${field}_asc`;
  for await (const user of client.users(1).all({ sort: sort('city') })) is<User>().type(user);
  const chosen: UserFilter = { postcode: ['1011 AB', null] };
  await client.users(1).list({ filter: chosen });
  // @ts-expect-error -- no such field
  await client.users(1).list({ filter: { rol: 'moderator' } });
  // @ts-expect-error -- nobody filters by it
  await client.users(1).list({ filter: { extraData: 'x' } });
  // @ts-expect-error -- no such role
  await client.users(1).list({ filter: { role: 'moderater' } });
  // @ts-expect-error -- a number is no name
  await client.users(1).list({ filter: { lastName: [1] } });
  // @ts-expect-error -- no such operator
  await client.users(1).list({ filter: { lastName: { contains: 'an' } } });
  // @ts-expect-error -- a role has no parts
  await client.users(1).list({ filter: { role: { substring: 'mod' } } });
  // @ts-expect-error -- no such field
  await client.users(1).page({ sort: 'lastname_asc' });
  // @ts-expect-error -- a direction is needed
  await client.users(1).page({ sort: 'lastName' });
  // @ts-expect-error -- no such direction
  await client.call('listUsers', { path: { siteId: 1 }, query: { sort: ['lastName', 'DOWN'] } });
  // @ts-expect-error -- one of them
  await client.people.find({ q: 'noor', email: 'noor@example.org' });
  // @ts-expect-error -- one of them
  await client.people.find({});
};

export const users = async (): Promise<void> => {
  const user = await client.user(1, 4).get();
  is<number>().type(user.id);
  is<number>().type(user.site.id);
  is<string>().type(user.createdAt);
  is<string | null>().type(user.displayName);
  is<'anonymous' | 'member' | 'moderator' | 'editor' | 'admin' | undefined>().type(user.role);
  is<User>().type(await client.user(1, 4).update({ city: 'Delft', gender: null }, { seen: user }));
  // @ts-expect-error -- nobody sets an id
  await client.user(1, 4).update({ id: 5 });
  // @ts-expect-error -- a user is made with an address
  await client.users(1).create({ firstName: 'Noor' });
  is<User | null>().type(await client.me(1));
  is<Me>().type(await client.call('viewMe', { path: { siteId: 1 } }));
  is<null>().type(null satisfies Visitor['externalUserId']);
};

export const anonymizing = async (): Promise<void> => {
  const plan = await client.user(1, 101).anonymization({ everywhere: true, onlySiteIds: [1, 2] });
  is<Plan>().type(plan);
  is<AnonymizationSummary>().type(plan.summary);
  is<AnonymizationChanges>().type(await plan.changes());
  const done = await plan.do({ reason: 'Zaak-1' });
  if (done.done) {
    is<'done' | 'pending' | 'kept' | 'none' | null>().type(done.removal);
    is<string | null>().type(done.receipt);
  } else {
    is<AnonymizationSummary>().type(done.current);
    is<Plan>().type(done.plan);
  }
  const path = { siteId: 1, userId: 101 };
  is<AnonymizationSummary>().type(await client.call('willAnonymize', { path, query: { view: 'summary' } }));
  is<AnonymizationChanges>().type(await client.call('willAnonymizeAll', { path, query: { view: 'changes' } }));
  is<Anonymization>().type(await client.call('willAnonymize', { path }));
  is<Anonymization>().type(await client.call('willAnonymizeByPost', { path, body: { onlySiteIds: [1] } }));
  await client.call('willAnonymizeAll', { path, query: { onlySiteIds: [1, 2], onlyUserIds: 5 } });
  // @ts-expect-error -- an id is a number
  await client.call('willAnonymizeAll', { path, query: { onlySiteIds: { id: 1 } } });
  // @ts-expect-error -- they are lists
  await client.call('willAnonymizeAll', { path, query: { onlySiteId: [1] } });
  // @ts-expect-error -- a misspelt choice would widen what is done
  await client.call('doAnonymizeAll', { path, body: { onlySiteId: [1] } });
  // @ts-expect-error -- a misspelt choice would widen what is done
  await client.user(1, 101).anonymization({ onlyUserId: [101] });
  // A repeat under its key is answered with the summary.
  is<AnonymizationChanges | AnonymizationSummary>().type(
    await client.call('doAnonymizeAll', { path, query: { view: 'changes' } }),
  );
  for await (const now of client.operation('/api/operation/x').progress()) is<Operation>().type(now);
};

export const runs = async (): Promise<void> => {
  const run = await client.runs.plan({ siteId: 1, filter: { q: 'noor' }, reason: 'Zaak-1' });
  is<Run>().type(run.seen);
  is<Run | null>().type(client.run('x').seen);
  const users: readonly number[] = [1, 2];
  await client.runs.plan({ users, everywhere: true });
  // @ts-expect-error -- no such field
  await client.runs.plan({ siteId: 1, filter: { lastname: 'Vries' } });
  // @ts-expect-error -- by a filter it would be everybody
  await client.runs.plan({ siteId: 1 });
  // @ts-expect-error -- one way
  await client.runs.plan({ users, siteId: 1, filter: { q: 'noor' } });
  const begun = await run.start();
  if (begun.started) is<Run>().type(begun.run);
  else is<RunPlan>().type(begun.current);
  for await (const now of run.progress({ everyMs: 100 })) is<Run>().type(now);
  for await (const person of run.people({ outcome: 'failed' })) is<string>().type(person.outcome);
  for await (const { state } of client.runs.all({ state: 'running' })) is<Run['state']>().type(state);
  is<Run>().type(await client.run('x').pause());
  // @ts-expect-error -- no such state
  client.runs.all({ state: 'over' });
};

export const problems = async (): Promise<void> => {
  try {
    await client.sites.list();
  } catch (error) {
    if (!(error instanceof CivitasProblem)) throw error;
    const { problem } = error;
    if (problem.type === '/problems/forbidden') is<ForbiddenProblem['rule']>().type(problem.rule);
    if (problem.type === '/problems/conflict') is<409>().type(problem.status);
    if (problem.type === '/problems/invalid-values')
      for (const { pointer } of problem.errors) is<string>().type(pointer);
    if (problem.type === 'about:blank') is<unknown>().type(problem.body);
    // @ts-expect-error -- no such problem
    if (problem.type === '/problems/forbiden') throw error;
    // @ts-expect-error -- no such rule
    if (problem.type === '/problems/forbidden' && problem.rule === 'moderators-needed') throw error;
  }
  const none: ProblemOf<'receiptKeys'>['type'][] = ['/problems/not-ready'];
  // @ts-expect-error -- reading keys conflicts with nothing
  none.push('/problems/conflict');
  const kinds: Problem['type'][] = ['/problems/forbidden', '/problems/internal-error'];
  // @ts-expect-error -- no such problem
  kinds.push('/problems/forbiden');
};

export const calls = async (): Promise<void> => {
  // @ts-expect-error -- no such operation
  await client.call('listUser', { path: { siteId: 1 } });
  // @ts-expect-error -- a site is needed
  await client.call('listUsers');
  // @ts-expect-error -- no such parameter
  await client.call('listUsers', { path: { siteId: 1 }, query: { pagesize: 5 } });
  // @ts-expect-error -- no such view
  await client.call('willAnonymize', { path: { siteId: 1, userId: 4 }, query: { view: 'lists' } });
  await client.call('listActivity', { path: { siteId: 1, userId: '4' }, query: { includeIdeas: true } });
  const { data, status, headers } = await client.exchange('viewUser', {
    path: { siteId: 1, userId: 4 },
    headers: { 'If-None-Match': '"x"' },
  });
  is<User | undefined>().type(data);
  const first = await client.exchange('viewUser', { path: { siteId: 1, userId: 4 } });
  is<User>().type(first.data);
  const again = { 'If-None-Match': first.headers.get('etag') };
  is<User | undefined>().type(
    (await client.exchange('viewUser', { path: { siteId: 1, userId: 4 }, headers: again })).data,
  );
  is<Run>().type((await client.exchange('planAnonymizationRun', { body: { users: [1] } })).data);
  is<number>().type(status);
  is<string | null>().type(headers.get('etag'));
};
