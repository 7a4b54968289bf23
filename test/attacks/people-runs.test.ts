import { setTimeout as pause } from 'node:timers/promises';
import { slowRequest } from '../support/slow-request.ts';
import { until } from '../support/until.ts';
import type { Answer } from '../support/recorded-world.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { refusal, startSentences, users, type SentenceWorld, type Who } from '../journeys/sentences/support/world.ts';

/** Lists of people in the hands of who may not have them, and of admins who reach for other sites, or learn of them. */
const [ours, theirs] = [11, 12] as const;
const base = '/api/anonymization-run';
let s: SentenceWorld;
let boss: Somebody;
beforeAll(async () => {
  s = await startSentences({ [ours]: {}, [theirs]: {} }, { outboxSeconds: 3600 });
  boss = await s.person({ at: { [ours]: 'admin', [theirs]: 'admin' } });
});
afterAll(() => s.close());

const member = (...siteIds: readonly number[]): Promise<Somebody> =>
  s.person({ at: Object.fromEntries(siteIds.map((id) => [id, 'member' as const])) });
const plan = (who: Who, body: object) => s.post(who, base, body);
const locationOf = ({ headers, text }: Answer): string => {
  const location = headers.get('location');
  if (location === null) throw new Error(text);
  return location;
};
const start = (who: Who, planned: Answer) =>
  s.post(who, `${locationOf(planned)}/start`, undefined, { 'if-match': planned.headers.get('etag') ?? '' });
const work = () => s.world.container.jobs.find(({ name }) => name === 'work-on-runs')!.run(() => false);
const anonymizedAt = async (userId: number): Promise<unknown> => (await s.row(userId))?.anonymizedAt ?? null;
/** As it reads, but for what is drawn anew for each answer. */
const plainly = ({ status, text }: Answer): string =>
  `${status} ${text.replaceAll(/"instance":"[^"]*"/g, '').replaceAll(/\d{4}-[\d-]+T[\d:.]+Z/g, 'now')}`;

describe('whoever is no admin', () => {
  it.each(['moderator', 'editor', 'member'] as const)('plans, sees and steers nothing: %s', async (role) => {
    const somebody = await s.person({ at: { [ours]: role } });
    const target = await member(ours);
    const planned = await plan(boss.at[ours]!, { users: [target.at[ours]!] });
    const id = somebody.at[ours]!;
    const answers = [
      await plan(id, { users: [target.at[ours]!] }),
      await s.get(id, base),
      await s.get(id, locationOf(planned)),
      await start(id, planned),
      ...(await Promise.all(['pause', 'resume', 'cancel'].map((verb) => s.post(id, `${locationOf(planned)}/${verb}`)))),
    ];
    expect(answers.map(refusal)).toEqual(answers.map(() => [403, 'admin-of-a-site-needed']));
    expect((await s.get(boss.at[ours]!, locationOf(planned))).body.state).toBe('planned');
  });
});

describe('an admin of one site', () => {
  it('chooses nobody of another, also where they are admin there with another login, and does not hear who is there', async () => {
    const [here, there] = [await member(ours), await member(theirs)];
    const asked = async (id: number) => plainly(await plan(boss.at[ours]!, { users: [here.at[ours]!, id] }));
    const unknown = await asked(77_777_777);
    expect(unknown).toMatch(/^422 /);
    expect(await asked(there.at[theirs]!)).toBe(unknown);
    const filter = { siteId: theirs, filter: { role: 'member' } };
    expect(refusal(await plan(boss.at[ours]!, filter))).toEqual([403, 'admin-needed']);
    expect(refusal(await plan(boss.at[ours]!, { ...filter, siteId: 999 }))).toEqual([403, 'admin-needed']);
  });

  it('reaches a person at their own site only, and hears not where else they are', async () => {
    const both = await member(ours, theirs);
    const planned = await plan(boss.at[ours]!, { users: [both.at[ours]!] });
    expect(refusal(await plan(boss.at[ours]!, { users: [both.at[ours]!], everywhere: true }))).toEqual([
      ...[403, 'platform-admin-needed'],
    ]);
    expect((await start(boss.at[ours]!, planned)).status).toBe(202);
    await work();
    expect([await anonymizedAt(both.at[ours]!), await anonymizedAt(both.at[theirs]!)]).toEqual([
      expect.any(Date),
      null,
    ]);
    const { body, text } = await s.get(boss.at[ours]!, `${locationOf(planned)}?page=0`);
    expect(body).toMatchObject({ state: 'done', outcomes: { anonymized: 1 } });
    expect(text).not.toContain(`"siteId":${theirs}`);
    expect(text).not.toContain(`"id":${both.at[theirs]!}`);
  });

  it('tells by a plan, a visit or what came of it not whether somebody whom they added was anywhere before', async () => {
    const known = await member(theirs);
    const added = async (email: string): Promise<number> => {
      const { body, text } = await s.post(boss.at[ours]!, users(ours), { email, lastName: 'Gelijk' });
      const { id } = body as { readonly id?: number };
      if (id === undefined) throw new Error(text);
      return id;
    };
    const story = async (email: string): Promise<readonly string[]> => {
      const id = await added(email);
      const asPlain = (answer: Answer): string =>
        plainly(answer)
          .replaceAll(String(id), 'id')
          .replaceAll(/(?<="|anonymization-run\/)(?:[\w-]{43}|[\w-]{22})(?=["?])/g, 'drawn');
      const planned = await plan(boss.at[ours]!, { users: [id] });
      await start(boss.at[ours]!, planned);
      await work();
      const after = await s.get(boss.at[ours]!, `${locationOf(planned)}?page=0`);
      return [asPlain(planned), asPlain(after)];
    };
    expect(await story(known.email)).toEqual(await story('niemand-nergens@example.org'));
    expect(await anonymizedAt(known.at[theirs]!)).toBeNull();
  });

  it('does not hear whether a run is there that is not theirs', async () => {
    const target = await member(ours);
    const foreign = [
      locationOf(await plan('admin', { users: [target.at[ours]!] })),
      locationOf(await plan(boss.at[theirs]!, { users: [(await member(theirs)).at[theirs]!] })),
    ];
    const verbs = ['start', 'pause', 'resume', 'cancel'];
    const told = async (address: string) =>
      Promise.all([
        s.get(boss.at[ours]!, address).then(plainly),
        ...verbs.map((verb) => s.post(boss.at[ours]!, `${address}/${verb}`).then(plainly)),
      ]);
    const unknown = await told(`${base}/${'A'.repeat(21)}1`);
    expect(unknown.every((one) => one.startsWith('404'))).toBe(true);
    for (const address of foreign) expect(await told(address)).toEqual(unknown);
  });

  it('who lost their right while the body came, or since it was planned, has nothing done', async () => {
    const admin = await s.person({ at: { [ours]: 'admin' } });
    const target = await member(ours);
    const id = admin.at[ours]!;
    const planned = await plan(id, { users: [target.at[ours]!] });
    const slow = await slowRequest(
      'POST',
      s.world.url + base,
      { 'x-authorization': `Bearer ${await s.world.token(id)}` },
      { users: [target.at[ours]!] },
    );
    await pause(300);
    await s.touch('users', id, { role: 'editor' });
    expect((await slow.finish()).status).toBe(403);
    expect((await start(id, planned)).status).toBe(403);
    expect(await s.world.container.ports.runs.countOpen(ours)).toBeLessThan(20);
  });

  it('who lost it once it runs has nobody more anonymized, until another resumes it in their own name', async () => {
    const admin = await s.person({ at: { [ours]: 'admin' } });
    const targets = [await member(ours), await member(ours)];
    const planned = await plan(admin.at[ours]!, { users: targets.map(({ at }) => at[ours]!) });
    expect((await start(admin.at[ours]!, planned)).status).toBe(202);
    await s.touch('users', admin.at[ours]!, { role: 'member' });
    await work();
    const look = () => s.get(boss.at[ours]!, locationOf(planned));
    expect((await look()).body).toMatchObject({ state: 'paused', reason: 'asker-is-no-admin' });
    for (const { at } of targets) expect(await anonymizedAt(at[ours]!)).toBeNull();
    expect((await s.post(boss.at[ours]!, `${locationOf(planned)}/resume`)).body.state).toBe('running');
    await work();
    expect((await look()).body.outcomes).toEqual({ anonymized: 2 });
  });
});

describe('an admin of two sites by fixed tokens and logins', () => {
  it('gives a list of their site no wider reach by resuming it as a platform admin', async () => {
    const both = await member(ours, theirs);
    const planned = await plan(boss.at[ours]!, { users: [both.at[ours]!] });
    await start(boss.at[ours]!, planned);
    await s.post('admin', `${locationOf(planned)}/pause`);
    await s.post('admin', `${locationOf(planned)}/resume`);
    await work();
    expect([await anonymizedAt(both.at[ours]!), await anonymizedAt(both.at[theirs]!)]).toEqual([
      expect.any(Date),
      null,
    ]);
  });
});

describe('whoever changes somebody between plan and visit', () => {
  it('has nobody anonymized whom nobody saw: who has a new row, or is another person, is left out', async () => {
    const [grown, plain] = [await member(ours), await member(ours)];
    const planned = await plan('admin', { users: [grown.at[ours]!, plain.at[ours]!], everywhere: true });
    await start('admin', planned);
    const { personId } = (await s.row(grown.at[ours]!))!;
    const row = await s.extraRow({ siteId: theirs, personId, externalUserId: grown.externalId });
    await work();
    expect([await anonymizedAt(row), await anonymizedAt(grown.at[ours]!)]).toEqual([null, null]);
    expect(await anonymizedAt(plain.at[ours]!)).not.toBeNull();
    expect((await s.get('admin', locationOf(planned))).body.outcomes).toEqual({
      ...{ anonymized: 1, 'left-out;reason=plan-changed': 1 },
    });
  });
});

describe('whoever plans much', () => {
  it('waits in a line of their site’s, and keeps nobody at another from planning', async () => {
    const [here, there] = [await member(ours), await member(theirs)];
    const many = await Promise.all(Array.from({ length: 12 }, () => plan(boss.at[ours]!, { users: [here.at[ours]!] })));
    const other = await plan(boss.at[theirs]!, { users: [there.at[theirs]!] });
    expect(other.status).toBe(201);
    const told = new Set(many.map(({ status }) => status));
    expect([...told].every((status) => [201, 409, 429, 503].includes(status))).toBe(true);
    await until(
      'at most twenty of a site are open',
      async () => (await s.world.container.ports.runs.countOpen(ours)) <= 20,
    );
  });
});

test('a text to look for that is longer than any field finds nobody', async () => {
  const filter = { lastName: { substring: 'a'.repeat(60_000) } };
  const { status, text } = await plan(boss.at[ours]!, { siteId: ours, filter });
  expect([status, text.includes('finds nobody')]).toEqual([422, true]);
});
