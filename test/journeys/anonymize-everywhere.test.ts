import { changesBetween, dumped, textOfDump, type Change, type Dump } from '../support/dump.ts';
import { addRow, markPerson, type MarkedPerson, type MarkedRow } from '../support/marked-person.ts';
import { startRecordedWorld, type Answer, type RecordedWorld } from '../support/recorded-world.ts';
import { tracesOf } from '../support/residue.ts';

let world: RecordedWorld;
beforeAll(async () => {
  world = await startRecordedWorld();
});
afterAll(() => world.close());

const votingIsActiveAt = ({ siteId }: MarkedRow): boolean => siteId <= 5;
const idsOf = (list: readonly { readonly id: number }[]): readonly string[] => list.map(({ id }) => String(id)).sort();
const idsIn = (rows: readonly MarkedRow[]): readonly string[] => rows.map(({ id }) => String(id)).sort();
const keysOf = (changes: readonly Change[], kind: Change['kind']): readonly string[] =>
  changes
    .filter((change) => change.kind === kind)
    .map(({ key }) => key)
    .sort();
/** Keys of the votes that some rows cast. */
const votesOf = (
  dump: Dump,
  rows: readonly MarkedRow[],
  where: (vote: Readonly<Record<string, string | null>>) => boolean,
) =>
  [...(dump.get('votes') ?? [])]
    .filter(([, vote]) => rows.some(({ id }) => String(id) === vote['userId']) && where(vote))
    .map(([key]) => key)
    .sort();
const peopleThere = () => world.oauth.server.people();

interface Story {
  readonly person: MarkedPerson;
  readonly externalId: number;
  readonly will: Answer;
  readonly did: Answer;
  readonly before: Dump;
  readonly after: Dump;
  readonly changes: readonly Change[];
}
/** Our own books: whatever stands in them of a person must be gone too. */
const searched = [
  ...[
    'civitas_idempotency_keys',
    'civitas_audit',
    'civitas_audit_seals',
    'civitas_outbox',
    'civitas_sessions',
    'civitas_tombstones',
    'civitas_leases',
    'civitas_persons',
  ],
  ...['civitas_anonymization_runs', 'civitas_anonymization_run_people', 'civitas_user_words'],
];
const useCases = new Map<string, Promise<Story>>();

/** Marks a person, previews, does, and dumps around the operation; once, however many tests ask. */
const storyOf = (name: string): Promise<Story> => {
  const known = useCases.get(name) ?? tell(people.find((one) => one.name === name)!);
  useCases.set(name, known);
  return known;
};
const tell = async ({ externalId, rows, prepare }: (typeof people)[number]): Promise<Story> => {
  const added = (await prepare?.(rows)) ?? [];
  const person = await markPerson(world, [...rows, ...added]);
  const [first] = rows;
  const address = `/api/site/${first?.siteId ?? ''}/user/${first?.id ?? ''}`;
  const will = await world.call('admin', 'GET', `${address}/will-anonymizeall`);
  const before = await dumped(world.container.database);
  // What a caller sends along is kept for repeats: not a word of it may be.
  const key = { 'idempotency-key': person.marks.find((mark) => /^[0-9a-f]{8}$/.test(mark)) ?? '' };
  const did = await world.call('admin', 'PUT', `${address}/do-anonymizeall`, undefined, key);
  const after = await dumped(world.container.database);
  return { person, externalId, will, did, before, after, changes: changesBetween(before, after) };
};

const people: readonly {
  readonly name: string;
  readonly externalId: number;
  readonly rows: readonly MarkedRow[];
  readonly prepare?: (rows: readonly MarkedRow[]) => Promise<readonly MarkedRow[] | undefined>;
}[] = [
  { name: 'on one site', externalId: 1007, rows: [{ id: 114, siteId: 1 }] },
  {
    name: 'on three sites that vote, with a soft-deleted vote',
    externalId: 1006,
    rows: [
      { id: 111, siteId: 1 },
      { id: 112, siteId: 2 },
      { id: 113, siteId: 3 },
    ],
    prepare: async () => {
      await world.container.database.rows.votes.update({ deletedAt: new Date() }, { where: { userId: 111 }, limit: 1 });
      return [];
    },
  },
  {
    name: 'on every kind of site, one of them with a wrong secret',
    externalId: 5005,
    rows: [
      { id: 50051, siteId: 1 },
      { id: 50052, siteId: 2 },
      { id: 50053, siteId: 6 },
    ],
    prepare: async ([first]) => [await addRow(world, { from: first!, siteId: 7 })],
  },
  {
    name: 'on four sites, one of them not voting',
    externalId: 1010,
    rows: [
      { id: 123, siteId: 6 },
      { id: 120, siteId: 1 },
      { id: 121, siteId: 2 },
      { id: 122, siteId: 5 },
    ],
  },
];

describe.each(people.map(({ name }) => name))('a person %s', (name) => {
  it('is anonymized exactly as was previewed', async () => {
    const { will, did } = await storyOf(name);

    expect([will.status, did.status]).toEqual([200, 200]);
    expect(did.body).toEqual(will.body);
  });

  it('is previewed with all rows as they were, and with nobody else', async () => {
    const { will, person } = await storyOf(name);

    expect(idsOf(will.body.users)).toEqual(idsIn(person.rows));
    for (const user of will.body.users as readonly Record<string, string>[])
      expect(person.marks).toEqual(expect.arrayContaining([user['firstName'], user['email'], user['city']]));
  });

  it('changes in users exactly the previewed rows', async () => {
    const { changes, person } = await storyOf(name);

    const own = changes.filter(({ table }) => table === 'users');
    expect(own.every(({ kind }) => kind === 'changed')).toBe(true);
    expect(keysOf(own, 'changed')).toEqual(idsIn(person.rows));
  });

  it('loses exactly the previewed votes, and elsewhere only their IP', async () => {
    const { changes, person, will, before } = await storyOf(name);

    const own = changes.filter(({ table }) => table === 'votes');
    const hidden = votesOf(before, person.rows, (vote) => vote['deletedAt'] !== null);
    expect(keysOf(own, 'removed')).toEqual([...idsOf(will.body.votes), ...hidden].sort());
    const staying = person.rows.filter((row) => !votingIsActiveAt(row));
    expect(keysOf(own, 'changed')).toEqual(votesOf(before, staying, (vote) => vote['ip'] !== null));
    expect(own.filter(({ kind }) => kind === 'changed').every(({ columns }) => columns.join() === 'ip')).toBe(true);
    expect(keysOf(own, 'added')).toEqual([]);
  });

  it('changes nothing in the other tables of OpenStad, nor in the list of migrations', async () => {
    const { changes, before } = await storyOf(name);

    const untouched = ['sites', 'ideas', 'articles', 'arguments'];
    expect([...before.keys()]).toEqual(expect.arrayContaining(untouched));
    expect(changes.filter(({ table }) => untouched.includes(table) || /meta/i.test(table))).toEqual([]);
  });

  it('leaves rows that show the replaced name and nothing personal', async () => {
    const { person, after } = await storyOf(name);

    for (const { id } of person.rows)
      expect(after.get('users')?.get(String(id))).toMatchObject({
        firstName: 'Gebruiker',
        lastName: 'verwijderd',
        role: 'anonymous',
        listableByRole: 'editor',
        detailsViewableByRole: 'editor',
        extraData: '{}',
        ...Object.fromEntries(
          [
            'email',
            'nickName',
            'phoneNumber',
            'streetName',
            'houseNumber',
            'suffix',
            'postcode',
            'zipCode',
            'city',
          ].map((column) => [column, null]),
        ),
        personId: null,
        externalUserId: null,
        anonymizedAt: expect.any(String),
      });
  });

  it('is gone from the OAuth server', async () => {
    const { did, externalId } = await storyOf(name);

    expect(did.headers.get('x-oauth-removal')).toBe('done');
    expect(peopleThere().some(({ id }) => id === externalId)).toBe(false);
  });

  it('leaves no trace in the database, at the OAuth server, or in the log', async () => {
    const { person, before } = await storyOf(name);

    const found = tracesOf(person.marks, textOfDump(before)).map(({ value }) => value);
    expect(person.marks.filter((mark) => !found.includes(mark))).toEqual([]);
    expect([...(before.get('civitas_user_words')?.values() ?? [])].map(({ word }) => word)).toEqual(
      expect.arrayContaining(['fenna', person.marks.find((mark) => /^[0-9a-f]{8}$/.test(mark))]),
    );
    const dump = await dumped(world.container.database);
    expect([...dump.keys()]).toEqual(expect.arrayContaining(searched));
    expect(dump.get('civitas_idempotency_keys')?.size).toBeGreaterThan(0);
    expect(dump.get('civitas_audit')?.size).toBeGreaterThan(0);
    expect(tracesOf(person.marks, textOfDump(dump))).toEqual([]);
    expect(tracesOf(person.marks, JSON.stringify(peopleThere()))).toEqual([]);
    expect(tracesOf(person.marks, world.log())).toEqual([]);
  });

  it('is in no answer any more: what this process remembers is not theirs either', async () => {
    const { person } = await storyOf(name);

    for (const { id, siteId } of person.rows)
      for (const path of [`user/${id}`, `user/${id}/activity`, 'user', `user/${id}/anonymization`]) {
        const { status, text } = await world.call('admin', 'GET', `/api/site/${siteId}/${path}`);
        expect([status, tracesOf(person.marks, text)]).toEqual([200, []]);
      }
  });

  it('can be anonymized again, which does nothing', async () => {
    const { person } = await storyOf(name);
    const [first] = person.rows;
    const empty = { users: [], sites: [], ideas: [], articles: [], arguments: [], votes: [] };
    const before = await dumped(world.container.database);

    for (const verb of ['do-anonymize', 'do-anonymizeall']) {
      const again = await world.call('admin', 'PUT', `/api/site/${first!.siteId}/user/${first!.id}/${verb}`);
      expect([again.status, again.body]).toEqual([200, empty]);
    }
    const changed = changesBetween(before, await dumped(world.container.database));
    expect(
      changed.filter(({ table }) => ['users', 'votes', 'civitas_persons', 'civitas_outbox'].includes(table)),
    ).toEqual([]);
  });
});

describe('the four calls', () => {
  it('preview without changing any table, by every method', async () => {
    const before = await dumped(world.container.database);

    for (const method of ['GET', 'PUT', 'POST'])
      for (const verb of ['will-anonymize', 'will-anonymizeall'])
        expect((await world.call('admin', method, `/api/site/1/user/125/${verb}`)).status).toBe(200);

    expect(changesBetween(before, await dumped(world.container.database))).toEqual([]);
  });
});

describe('a person whose last row is at the site with a wrong secret', () => {
  it('is removed with the credentials of another site', async () => {
    const first = { id: 5001, siteId: 1 };
    const last = await addRow(world, { from: first, siteId: 7 });
    const kept = await world.call('admin', 'PUT', '/api/site/1/user/5001/do-anonymize');
    expect(kept.headers.get('x-oauth-removal')).toBe('kept;reason=rows-elsewhere');

    const did = await world.call('admin', 'PUT', `/api/site/7/user/${last.id}/do-anonymize`);
    expect([did.status, did.headers.get('x-oauth-removal')]).toEqual([200, 'done']);
    expect(peopleThere().some(({ id }) => id === 5001)).toBe(false);
  });
});
