import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { removalKey } from '../../src/use-cases/person-keys.ts';
import { describeOnMysql } from '../support/recorded-copy.ts';
import { until } from '../support/until.ts';
import type { Somebody } from './sentences/support/people.ts';
import { startSentences, user, whenTold, type SentenceWorld } from './sentences/support/world.ts';

/**
 * The OAuth server hears of a removal once, whoever delivers it, as long as its answer comes and can be written down within fifteen
 * seconds. That it hears of it again where the answer was lost says lost-replies.test.ts. Source: docs/adr/0003.
 */
const site = 8;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [site]: {} }, whenTold);
});
afterAll(() => s.close());

/** Anonymized everywhere while the OAuth server was away: the removal waits. */
const leaving = async (): Promise<Somebody> => {
  const person = await s.person({ at: { [site]: 'member' } });
  await s.world.oauth.proxy.behave('refuse');
  const did = await s.put('admin', `${user(site, person.at[site] ?? 0)}/do-anonymizeall`);
  expect([did.status, did.headers.get('x-oauth-removal')]).toEqual([200, 'pending']);
  await s.world.oauth.proxy.behave('pass');
  return person;
};
const removalOf = ({ id }: Somebody) => ({ topic: 'person.remove', key: removalKey(id) }) as const;
const answers = ({ externalId }: Somebody): readonly number[] =>
  s.world.oauth.proxy.answers(new RegExp(`^POST /api/admin/user/${externalId}/delete$`));
const calls = ({ externalId }: Somebody): number =>
  s.world.oauth.proxy.calls(new RegExp(`^POST /api/admin/user/${externalId}/delete$`));

describe('a removal', () => {
  it('is called for with the next client where the server refuses one, and is carried out once', async () => {
    const { database, deliver } = s.world.container;
    const said: string[] = [];
    // How often it was tried says with whose credentials it begins; those of the recording's site 7 are wrong.
    for (let attempts = 0; attempts < 10; attempts += 1) {
      const person = await leaving();
      await database.rows.outbox.update({ attempts }, { where: { key: removalKey(person.id) } });
      expect(await deliver(removalOf(person))).toBe('done');
      said.push(answers(person).join(' '));
    }

    expect([...new Set(said)].sort()).toEqual(['200', '401 200']);
  });

  it('is not called for by an instance whose message another one has taken meanwhile', async () => {
    const person = await leaving();
    const { deliver, ports } = s.world.container;
    const late = await ports.outbox.claim(removalOf(person));
    // It waited for so long, say for the database, that its claim has run out.
    s.world.later(31);
    const next = await ports.outbox.claim(removalOf(person));

    expect(await deliver(late!)).toBe('pending');
    expect(calls(person)).toBe(0);
    expect(await deliver(next!)).toBe('done');
    expect(calls(person)).toBe(1);
    expect(s.there(person.externalId)).toBeUndefined();
  });
});

describeOnMysql('a removal whose outcome the database cannot take', () => {
  it('is written down once it can, and not called for again', async () => {
    const person = await leaving();
    const { deliver } = s.world.container;
    const address = new URL(s.world.env['DATABASE_URL'] ?? '');
    const other = await createConnection(address.href);
    await other.query('LOCK TABLES civitas_tombstones WRITE');
    const waiting = async (): Promise<readonly RowDataPacket[]> => {
      const [rows] = await other.query<RowDataPacket[]>(
        "SELECT id FROM information_schema.processlist WHERE db = ? AND state LIKE 'Waiting for table%'",
        [address.pathname.slice(1)],
      );
      return rows;
    };
    const delivered = deliver(removalOf(person));
    await until('what came of it is being written down', async () => (await waiting()).length > 0);
    for (const { id } of await waiting()) await other.query(`KILL ${Number(id)}`);
    await other.end();

    expect(await delivered).toBe('done');
    await s.emptyOutbox();
    expect(calls(person)).toBe(1);
    expect(s.there(person.externalId)).toBeUndefined();
  });
});
