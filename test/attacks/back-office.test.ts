import { sql } from '../../src/db/sql.ts';
import { slowRequest } from '../support/slow-request.ts';
import { aVisitor, logInAs } from '../support/visitor.ts';
import { backOfficeOf } from '../journeys/sentences/support/back-office.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { idsIn, startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/** A back office of one site, and what its editors do for it, against those of others. Source: management-api.md §2. */
const [ours, theirs] = [11, 12] as const;
let s: SentenceWorld;
let admin: Somebody;
beforeAll(async () => {
  const config = { allowedDomains: ['127.0.0.1'] };
  s = await startSentences({ [ours]: { config }, [theirs]: { config } });
  admin = await s.person({ at: { [ours]: 'admin' } });
});
afterAll(() => s.close());

test('set to nothing what others keep of somebody, by adding them: nothing is kept of who never came', async () => {
  const victim = await s.person({ at: { [theirs]: 'member' } });
  const [mine, other] = [await backOfficeOf(s, [ours]), await backOfficeOf(s, [theirs])];
  const path = `/api/v1/users/${victim.externalId}`;
  expect((await other.call('admin', 'PATCH', path, { points: 500, is_expert: true })).status).toBe(200);
  for (const email of [victim.email, 'nieuw@elders.example']) {
    expect((await s.post(admin.at[ours]!, users(ours), { email })).status).toBe(201);
    const uid = s.world.oauth.server.people().find((one) => one.email === email)!.id;

    const answer = await mine.call('admin', 'PATCH', `/api/v1/users/${uid}`, { points: 0, score: 3 });

    expect([answer.status, answer.body.success]).toEqual([409, false]);
    expect((await mine.call('authentication', 'GET', `/api/v1/users/${uid}`)).status).toBe(200);
  }
  expect((await other.call('authentication', 'GET', path)).body.data).toMatchObject({ points: 500, score: 0 });

  const flow = { apiUrl: s.world.url, oauthUrl: s.world.oauth.url, siteId: ours, redirectUrl: 'http://127.0.0.1/' };
  await logInAs(aVisitor(), { ...flow, more: '' }, victim.externalId);
  expect((await mine.call('admin', 'PATCH', path, { score: 3 })).status).toBe(200);
  expect((await other.call('authentication', 'GET', path)).body.data).toMatchObject({ points: 500, score: 0 });
});

test('keeps nothing of somebody who was forgotten, though a neighbour had added them by their address', async () => {
  const victim = await s.person({ at: { [theirs]: 'member' } });
  const office = await backOfficeOf(s, [ours, theirs]);
  const path = `/api/v1/users/${victim.externalId}`;
  expect((await office.call('admin', 'PATCH', path, { points: 777, is_expert: true })).status).toBe(200);
  expect((await s.post(admin.at[ours]!, users(ours), { email: victim.email })).status).toBe(201);
  const id = victim.at[theirs]!;
  expect((await s.put(id, `${user(theirs, id)}/do-anonymize`, {})).status).toBe(200);

  const flow = { apiUrl: s.world.url, oauthUrl: s.world.oauth.url, siteId: ours, redirectUrl: 'http://127.0.0.1/' };
  await logInAs(aVisitor(), { ...flow, more: '' }, victim.externalId);

  expect((await office.call('authentication', 'GET', path)).body.data).toMatchObject({ points: 0 });
});

test('loses nothing that it keeps of somebody whom a neighbour added and took away again', async () => {
  const victim = await s.person({ at: { [theirs]: 'member' } });
  const office = await backOfficeOf(s, [theirs]);
  const path = `/api/v1/users/${victim.externalId}`;
  expect((await office.call('admin', 'PATCH', path, { points: 777 })).status).toBe(200);
  // Taken away there by another program, and added again by their address.
  await s.world.container.database.change(
    sql`UPDATE users SET profileWithheld = ${true} WHERE id = ${victim.at[theirs]!}`,
  );
  const added = await s.post(admin.at[ours]!, users(ours), { email: victim.email });

  expect((await s.remove(admin.at[ours]!, user(ours, added.body.id as number))).status).toBe(200);

  const kept = await s.world.container.database.select(
    sql`SELECT f.points FROM civitas_person_facts f JOIN users u ON u.personId = f.personId WHERE u.id = ${victim.at[theirs]!}`,
  );
  expect(kept).toEqual([{ points: 777 }]);
});

test('wrote points and flags for one of its people, which said in the lists of others who that is there', async () => {
  const listed = { listableByRole: [{ value: 'all', siteId: theirs }] };
  const somebody = await s.person({ at: { [ours]: 'member', [theirs]: 'member' }, extraData: listed });
  const [mine, other] = [await backOfficeOf(s, [ours]), await backOfficeOf(s, [theirs])];
  const path = `/api/v1/users/${somebody.externalId}`;
  const marks = { points: 7_654_321, is_expert: true, is_selected: true };
  expect((await mine.call('admin', 'PATCH', path, marks)).body.data).toMatchObject(marks);

  const asked = async (query: string): Promise<readonly unknown[]> => {
    const { status, body } = await s.get(null, `/api/v1/users?api_key=${other.key}&per_page=100${query}`);
    const found = (body.data as { id: number; points: number }[]).find(({ id }) => id === somebody.at[theirs]);
    return [status, found?.points];
  };
  expect([await asked(''), await asked('&is_expert=false&is_selected=false')]).toEqual([
    [200, 0],
    [200, 0],
  ]);
  expect([await asked('&is_expert=true'), await asked('&is_selected=true')]).toEqual([
    [200, undefined],
    [200, undefined],
  ]);
  // Its own word counts for it alone, and goes with it.
  expect((await other.call('admin', 'PATCH', path, { points: 3 })).body.data).toMatchObject({
    points: 3,
    is_expert: false,
  });
  expect((await mine.call('authentication', 'GET', path)).body.data).toMatchObject({ points: 7_654_321 });
  expect((await s.remove('admin', `/api/client/${mine.id}`)).status).toBe(200);
  const left = await s.world.container.database.select(
    sql`SELECT points FROM civitas_person_facts WHERE personId = ${somebody.id}`,
  );
  expect(left.map(({ points }) => Number(points))).toEqual([3]);
});

test.each([
  ['PUT', '/do-anonymize'],
  ['DELETE', ''],
] as const)(
  '%s …%s left somebody’s points to who came again: what a client kept of them goes with their last row at its sites',
  async (method, call) => {
    const somebody = await s.person({ at: { [ours]: 'member', [theirs]: 'member' } });
    const [mine, both, other] = [
      await backOfficeOf(s, [ours]),
      await backOfficeOf(s, [ours, theirs]),
      await backOfficeOf(s, [theirs]),
    ];
    const path = `/api/v1/users/${somebody.externalId}`;
    for (const office of [mine, both, other])
      expect((await office.call('admin', 'PATCH', path, { points: 500, is_expert: true })).status).toBe(200);
    const address = `${users(ours)}/${somebody.at[ours]}${call}`;
    const done = await (method === 'PUT' ? s.put(admin.at[ours]!, address, {}) : s.remove(admin.at[ours]!, address));
    expect(done.status).toBe(200);

    const flow = { apiUrl: s.world.url, oauthUrl: s.world.oauth.url, siteId: ours, redirectUrl: 'http://127.0.0.1/' };
    await logInAs(aVisitor(), { ...flow, more: '' }, somebody.externalId);
    const points = async (office: typeof mine): Promise<unknown> => {
      const { status, body } = await office.call('authentication', 'GET', path);
      return [status, body.data.points];
    };

    expect(await points(mine)).toEqual([200, 0]);
    for (const office of [both, other]) expect(await points(office)).toEqual([200, 500]);
  },
);

test.each([
  ['POST', '/anonymize', { reason: 'Zaak-1' }],
  ['DELETE', '', {}],
] as const)(
  '%s …%s was answered to a client that was revoked while its body came: whom it had removed',
  async (method, call, body) => {
    const somebody = await s.person({ at: { [ours]: 'member' } });
    const office = await backOfficeOf(s, [ours]);
    const path = `/api/v1/users/${somebody.externalId}${call}`;
    expect((await office.call('authentication', method, path)).status).toBe(200);
    expect((await office.call('authentication', method, path)).status).toBe(200);
    const headers = { authorization: `Bearer ${await office.token('authentication')}` };
    const slow = await slowRequest(method, s.world.url + path, headers, body);
    expect((await s.remove('admin', `/api/client/${office.id}`)).status).toBe(200);

    expect((await slow.finish()).status).toBe(401);
  },
);

test('was shown people of a site whose editor had named it as another: the name is refused, and a domain is not', async () => {
  const [one, two] = [await s.person({ at: { [ours]: 'member' } }), await s.person({ at: { [theirs]: 'member' } })];
  const office = await backOfficeOf(s, [ours, theirs]);
  const named = (name: string) =>
    office.call('authentication', 'GET', `/api/v1/users?per_page=100&sub_application_name=${name}`);
  const before = idsIn((await named('site12')).body.data);
  expect([before.includes(two.at[theirs]), before.includes(one.at[ours])]).toEqual([true, false]);
  expect((await s.put(admin.at[ours]!, `/api/site/${ours}`, { name: 'site12' })).status).toBe(200);

  expect((await named('site12')).status).toBe(422);
  expect(idsIn((await named('site12.localhost')).body.data)).toEqual(before);
  expect(idsIn((await named('site11.localhost')).body.data)).toContain(one.at[ours]);

  expect((await s.put(admin.at[ours]!, `/api/site/${ours}`, { name: 'site12.localhost' })).status).toBe(200);
  expect(idsIn((await named('site12.localhost')).body.data)).toEqual(before);
});

test.each([
  ['GET', '/{uid}'],
  ['GET', '/{uid}/export'],
  ['GET', '?uid={uid}'],
  ['GET', '?email={email}'],
  ['GET', '?uid={uid}&email={email}'],
  ['POST', '/{uid}/anonymize'],
  ['DELETE', '/{uid}'],
  ['PATCH', '/{uid}'],
] as const)('could tell by what %s …%s took whether a number is somebody at other sites', async (method, call) => {
  const office = await backOfficeOf(s, [ours]);
  const elsewhere = await s.person({ at: { [theirs]: 'member' } });
  const nobody = { externalId: elsewhere.externalId + 5000, email: elsewhere.email.replace(/^./, 'q') };
  const ask = async ({ externalId, email }: typeof nobody) => {
    const path = `/api/v1/users${call.replace('{uid}', String(externalId)).replace('{email}', email)}`;
    const asked = () => office.call('admin', method, path, method === 'PATCH' ? { points: 1 } : undefined);
    const { result, sent } = await s.world.sentDuring(asked);
    const { status, headers, text } = result;
    const said = text.replaceAll(String(externalId), '{uid}').replaceAll(encodeURIComponent(email), '{email}');
    return { status, names: [...headers.keys()], size: text.length, said, sent };
  };
  const asked = async (whom: typeof nobody) => {
    await ask(whom);
    const answers = [await ask(whom), await ask(whom), await ask(whom)];
    // The outbox and the like come in between, now and then.
    return answers.toSorted((one, other) => one.sent.length - other.sent.length)[0];
  };

  const [known, unknown] = [await asked(elsewhere), await asked(nobody)];

  expect(known).toEqual(unknown);
  expect(known?.sent.length).toBeGreaterThan(1);
});
