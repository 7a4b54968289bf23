import { setTimeout as pause } from 'node:timers/promises';
import type { Somebody } from '../../journeys/sentences/support/people.ts';
import { user, users } from '../../journeys/sentences/support/world.ts';
import type { Answer } from '../../support/recorded-world.ts';
import { sql } from '../../../src/db/sql.ts';
import { until } from '../../support/until.ts';
import type { Instances } from './instances.ts';

/** Callers of all instances, who go on whatever is answered: they change, read, anonymize and create. */
export interface Load {
  /** Until nobody has been told 503 for a while. */
  calm(): Promise<void>;
  /** No more calls; what was told to whom. */
  stop(): Promise<Outcome>;
}
export interface Outcome {
  /** Told as anonymized. */
  readonly gone: readonly Somebody[];
  /** Nobody asked for it. */
  readonly there: readonly Somebody[];
  /** What was told and is not so; asked once nothing waits any more. */
  readonly lost: () => Promise<readonly string[]>;
}

/** Sites at which everybody of the load is. */
export const loadSites = [11, 12, 13] as const;
const calmMs = 6_000;

export const startLoad = async (all: Instances, { anonymized = 60 } = {}): Promise<Load> => {
  const at = { 11: 'member', 12: 'member', 13: 'member' } as const;
  const writers = await many(6, () => all.s.person({ at }));
  const victims = await many(anonymized, async () => {
    const person = await all.s.person({ at });
    await all.s.vote({ userId: person.at[12]!, ideaId: 1 });
    return person;
  });
  await all.cluster.inSync();

  let stopped = false;
  let lastUnavailable = -Infinity;
  let turn = 0;
  /** Through each instance in turn, and once more, after a moment, where it was unavailable. */
  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    for (;;) {
      turn += 1;
      const answer = await all.calls[turn % all.calls.length]!('admin', method, path, body);
      if (answer.status !== 503) return answer;
      lastUnavailable = performance.now();
      if (stopped) return answer;
      await pause(250);
    }
  };
  const asLongAsItRuns = async (work: () => Promise<void>): Promise<void> => {
    while (!stopped) {
      await work();
      await pause(40);
    }
  };

  const told = new Map(writers.map((writer) => [writer, 0]));
  const write = (writer: Somebody): Promise<void> => {
    let number = 0;
    return asLongAsItRuns(async () => {
      number += 1;
      const site = loadSites[number % loadSites.length]!;
      const { status } = await call('PUT', user(site, writer.at[site]!), { firstName: `Naam ${number}` });
      if (status === 200) told.set(writer, number);
    });
  };
  const gone: Somebody[] = [];
  const waiting = [...victims];
  const anonymize = (): Promise<void> =>
    asLongAsItRuns(async () => {
      const person = waiting.shift();
      if (person === undefined) return;
      const { status } = await call('PUT', `${user(11, person.at[11]!)}/do-anonymizeall`);
      if (status === 200) gone.push(person);
    });
  const made: string[] = [];
  const asked: string[] = [];
  const create = (): Promise<void> =>
    asLongAsItRuns(async () => {
      const email = `nieuw${(created += 1)}@example.org`;
      asked.push(email);
      const { status } = await call('POST', users(13), { email });
      // Made by the call before, of which nobody was told.
      if (status === 201 || status === 409) made.push(email);
    });
  const read = (): Promise<void> =>
    asLongAsItRuns(async () => {
      await call('GET', `${users(11)}?page=0&pageSize=20`);
    });
  const running = Promise.all([...writers.map(write), anonymize(), create(), read(), read()]);

  return {
    calm: async () => {
      const begun = performance.now();
      await until('all is well', () => performance.now() - Math.max(begun, lastUnavailable) > calmMs);
    },
    stop: async () => {
      stopped = true;
      await running;
      return {
        gone,
        there: writers,
        lost: async () => [
          ...(await lostWrites(all, told)),
          ...(await lostCreations(all, made, asked)),
          ...(await halfDone(all, victims)),
        ],
      };
    },
  };
};
let created = 0;

const many = async <T>(count: number, make: () => Promise<T>): Promise<readonly T[]> => {
  const made: T[] = [];
  for (let index = 0; index < count; index += 1) made.push(await make());
  return made;
};

const lostWrites = async ({ s }: Instances, told: ReadonlyMap<Somebody, number>): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const [{ at, externalId }, number] of told) {
    const there = s.there(externalId)?.firstName ?? '';
    const rows = await Promise.all(Object.values(at).map((id) => s.row(id)));
    if (rows.some((row) => row?.firstName !== there))
      found.push(`rows of person ${externalId} say something else than the OAuth server`);
    if (number > 0 && Number(there.replace('Naam ', '')) < number)
      found.push(`person ${externalId} was told ${number} and is ${there}`);
  }
  return found;
};

const lostCreations = async (
  { s }: Instances,
  made: readonly string[],
  asked: readonly string[],
): Promise<readonly string[]> => {
  const rows = await s.world.container.database.select(
    sql`SELECT email FROM users WHERE siteId = 13 AND email LIKE 'nieuw%' AND deletedAt IS NULL`,
  );
  const here = rows.map((row) => String(row['email']));
  const there = s.world.oauth.server.people().map(({ email }) => email);
  return [
    ...made.filter((email) => !here.includes(email)).map((email) => `${email} was told as made`),
    ...asked.filter((email) => here.includes(email) !== there.includes(email)).map((email) => `${email} is half made`),
    ...here.filter((email, index) => here.indexOf(email) !== index).map((email) => `${email} is there twice`),
  ];
};

const halfDone = async ({ s }: Instances, people: readonly Somebody[]): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const { at, externalId } of people) {
    const rows = await Promise.all(Object.values(at).map((id) => s.row(id)));
    const gone = rows.filter((row) => row?.anonymizedAt !== null).length;
    if (gone !== 0 && gone !== rows.length)
      found.push(`person ${externalId} is anonymized at ${gone} of ${rows.length}`);
    if ((gone === 0) === (s.there(externalId) === undefined)) found.push(`person ${externalId} is removed at one side`);
  }
  return found;
};
