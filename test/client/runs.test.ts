import { civitas, CivitasProblem, type Civitas, type Run } from '../../src/client/index.ts';
import { startSentences, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { described } from '../support/described.ts';

const [site, other] = [8, 9] as const;

/** people.md §3 "Runs": several people by the client. */
describe('a run by the client', () => {
  let s: SentenceWorld;
  let client: Civitas;
  beforeAll(async () => {
    s = await startSentences({ [site]: {}, [other]: {} }, { outboxSeconds: 1 });
    client = civitas({ url: s.world.url, token: 'fixed-admin', fetch: described(fetch) });
  });
  afterAll(() => s.close());
  const member = async (): Promise<number> => (await s.person({ at: { [site]: 'member' } })).at[site] ?? 0;
  const planned = async (count: number) => {
    const users: number[] = [];
    for (let made = 0; made < count; made += 1) users.push(await member());
    return { users, run: await client.runs.plan({ users, reason: 'Zaak-1' }) };
  };

  it('is planned, started as it was seen, and followed to its end; each person is told', async () => {
    const { users, run } = await planned(3);
    expect(run.seen).toMatchObject({ state: 'planned', statedReason: 'Zaak-1', plan: { persons: 3 } });
    const begun = await run.start();
    const told: Run[] = [];
    for await (const now of run.progress({ everyMs: 20 })) told.push(now);
    const people: [number, string][] = [];
    for await (const { userId, outcome } of run.people({ outcome: 'anonymized' })) people.push([userId, outcome]);

    expect(begun).toMatchObject({ started: true, run: { id: run.name, state: 'running' } });
    expect(told.at(-1)).toMatchObject({ state: 'done', progress: { done: 3, total: 3 }, awaitingRemoval: 0 });
    expect(run.seen).toBe(told.at(-1));
    expect(people).toEqual(users.map((id) => [id, 'anonymized']));
    expect(Object.fromEntries(await outcomesOf(client, run.name, 'failed'))).toEqual({});
  });

  it('is not started where it would be something else by now: that is an answer', async () => {
    const person = await s.person({ at: { [site]: 'member' } });
    const run = await client.runs.plan({ users: [person.at[site] ?? 0], everywhere: true });
    await s.extraRow({ siteId: other, personId: person.id });

    const begun = await run.start();

    expect(begun).toMatchObject({ started: false, current: { persons: 1, users: 2 } });
    expect((await run.get()).state).toBe('planned');
    await run.cancel();
  });

  it('is started elsewhere once it was read there, paused, resumed and cancelled by its name', async () => {
    const { run } = await planned(1);
    const elsewhere = client.run(run.name);
    // Nobody has seen it: not a plan that was agreed to.
    await expect(elsewhere.start()).rejects.toThrow(TypeError);
    const pausing = await elsewhere.pause().catch((error: unknown) => error);
    expect(pausing).toBeInstanceOf(CivitasProblem);
    expect((await elsewhere.get()).id).toBe(run.name);
    expect((await elsewhere.start()).started).toBe(true);
    for await (const { state } of elsewhere.progress({ everyMs: 20 })) expect(['running', 'done']).toContain(state);

    const { run: second } = await planned(1);
    expect((await second.cancel()).state).toBe('cancelled');
    await expect(second.get()).rejects.toThrow('404');
    await expect(client.run(run.name).resume()).rejects.toThrow('done');
  });

  it('stands among all runs, newest first, page by page', async () => {
    const [first, second] = [await planned(1), await planned(1)];
    const names: string[] = [];
    for await (const { id } of client.runs.all({ state: 'planned', pageSize: 1 })) names.push(id);

    expect(names.slice(0, 2)).toEqual([second.run.name, first.run.name]);
    for (const { run } of [first, second]) await run.cancel();
  });
});

const outcomesOf = async (client: Civitas, name: string, outcome: 'failed'): Promise<[number, string][]> => {
  const found: [number, string][] = [];
  for await (const one of client.run(name).people({ outcome })) found.push([one.userId, one.outcome]);
  return found;
};
