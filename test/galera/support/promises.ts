import { appendFileSync } from 'node:fs';
import { wrongCounts } from '../../../src/db/users/words-and-counts.ts';
import { raw, sql } from '../../../src/db/sql.ts';
import { sealAudit } from '../../../src/use-cases/audit/seal.ts';
import { verifyAudit } from '../../../src/use-cases/audit/verify-audit.ts';
import type { Somebody } from '../../journeys/sentences/support/people.ts';
import { dumped, textOfDump } from '../../support/dump.ts';
import type { Counted, Instances } from './instances.ts';

/** What a scenario did, as far as its callers were told. */
export interface Story {
  readonly scenario: string;
  /** Anonymized everywhere, and so gone at the OAuth server. */
  readonly gone: readonly Somebody[];
  /** Untouched, or not by what was acknowledged: they are still there. */
  readonly there?: readonly Somebody[];
  /** How often the OAuth server may hear of their removal: once, but twice for who was being removed as a node went away. */
  readonly removals?: number;
  /** What the scenario itself found. */
  readonly found?: readonly string[];
  /** When something happened (`performance.now`): 503 may be answered for a while from then on, and at no other time. Any time unless said. */
  readonly events?: readonly number[];
}

/** After every scenario: nothing is left of who was anonymized, nothing is lost, counters, chain and nodes agree, and nobody was told 500. */
export const mustHold = async (all: Instances, story: Story): Promise<void> => {
  const { answers, unanswered } = all.takeTally();
  await comeToRest(all);
  const left = [
    ...unanswered.map((call) => `not answered: ${call}`),
    ...answers.flatMap((answer) => wrongAnswer(answer, story.events)),
    ...(story.found ?? []),
    ...(await leftOfPeople(all, story)),
    ...(await leftAtOauthServer(all, story)),
    ...(await wrongCounts(all.s.world.container.database)).map(
      ({ siteId, key, by }) => `count ${siteId} ${key}: ${by}`,
    ),
    ...(await wrongInAudit(all)),
    ...(await differentAtNodes(all)),
  ];
  const many = (count: (status: number) => boolean): number => answers.filter(({ status }) => count(status)).length;
  tell({
    scenario: story.scenario,
    writing: all.writing,
    calls: answers.length + unanswered.length,
    done: many((status) => status < 300),
    unavailable: many((status) => status === 503),
    other: many((status) => status >= 300 && status !== 503),
    awayMs: Math.max(
      0,
      ...answers.filter(({ status }) => status === 503).map((answer) => since(answer, story.events ?? [answer.at])),
    ),
    longestMs: Math.round(Math.max(0, ...answers.map(({ ms }) => ms))),
    left: inShort(left),
  });
  expect(left).toEqual([]);
};
export const inShort = (left: readonly string[]): string =>
  left.length === 0 ? 'nothing' : `${left.length}: ${left[0]!.slice(0, 80)}`;
export const tell = (row: TableRow): void => {
  appendFileSync('node_modules/.cache/civitas-cluster.jsonl', `${JSON.stringify(row)}\n`);
};
/** As test/galera/support/table.mjs prints it. */
interface TableRow {
  readonly scenario: string;
  readonly writing: string;
  readonly calls: number;
  readonly done: number;
  readonly unavailable: number;
  readonly other: number;
  /** How long after something happened 503 was answered. */
  readonly awayMs: number;
  readonly longestMs: number;
  readonly left: string;
}

/** Nothing waits any more, all is sealed, and all nodes have it. */
const comeToRest = async ({ s, cluster }: Instances): Promise<void> => {
  await s.emptyOutbox();
  await sealAudit(s.world.container.ports)(() => false);
  await cluster.inSync();
};

/** The proxy finds out within ten seconds; what a call held that was cut off, others wait for as long as it is held (eight). */
const mayBeAwayMs = 25_000;
const wrongAnswer = (answer: Counted, events: Story['events']): readonly string[] => {
  const { call, status, retryAfter, at, problem } = answer;
  if (status === 503 && retryAfter === null) return [`503 without Retry-After: ${call} ${problem}`];
  if (status === 503 && events !== undefined && since(answer, events) > mayBeAwayMs)
    return [
      `503 while all was well, ${events.map((event) => Math.round(at - event)).join(', ')} ms: ${call} ${problem}`,
    ];
  return status >= 500 && status !== 503 ? [`${status}: ${call} ${problem}`] : [];
};
/** How long after the last thing that happened it was answered. */
const since = ({ at }: Counted, events: readonly number[]): number =>
  Math.min(...events.map((event) => (at < event ? Infinity : at - event)));

const leftOfPeople = async ({ s }: Instances, { gone, there = [] }: Story): Promise<readonly string[]> => {
  const { database } = s.world.container;
  const found: string[] = [];
  const text = textOfDump(await dumped(database));
  for (const { at, email, externalId } of gone) {
    const ids = Object.values(at);
    if (text.includes(email)) found.push(`the address of user ${ids.join(', ')}`);
    for (const id of ids) {
      const row = await s.row(id);
      if (row !== undefined && (row.anonymizedAt === null || row.personId !== null)) found.push(`user ${id}`);
    }
    const persons = sql`SELECT id FROM civitas_persons WHERE externalId = ${String(externalId)}`;
    if ((await database.select(persons)).length > 0) found.push(`the person of user ${ids.join(', ')}`);
  }
  found.push(...(await leftVotes(all(gone), s)));
  for (const id of all(there)) if ((await s.row(id))?.anonymizedAt !== null) found.push(`user ${id} is gone`);
  return found;
};
const all = (people: readonly Somebody[]): readonly number[] => people.flatMap(({ at }) => Object.values(at));

/** Where people may vote, their votes go; elsewhere the address. */
const leftVotes = async (ids: readonly number[], { world }: Instances['s']): Promise<readonly string[]> => {
  if (ids.length === 0) return [];
  const rows = await world.container.database.select(
    sql`SELECT v.id, v.userId, v.ip, s.config FROM votes v JOIN users u ON u.id = v.userId JOIN sites s ON s.id = u.siteId
        WHERE v.userId IN (${raw(ids.join(', '))}) ORDER BY v.id`,
  );
  return rows
    .filter(({ ip, config }) => (ip ?? '') !== '' || /"isActive":\s*true/.test(String(config)))
    .map((row) => `vote ${String(row['id'])} of user ${String(row['userId'])}, address ${String(row['ip'])}`);
};

const leftAtOauthServer = async (
  { s }: Instances,
  { gone, there = [], removals = 1 }: Story,
): Promise<readonly string[]> => {
  /** A client whose secret it does not take (the recording has one) it did not hear: then the next client's call follows at once. */
  const heard = (externalId: number): readonly number[] =>
    s.world.oauth.proxy.answers(new RegExp(`^POST .*/user/${externalId}/delete$`)).filter((status) => status !== 401);
  return [
    ...gone.flatMap(({ externalId }) => {
      const [first, ...more] = heard(externalId);
      const isOnce = first === 200 && more.length < removals && !more.includes(200);
      return isOnce && s.there(externalId) === undefined
        ? []
        : [`person ${externalId}: to their removal was said ${heard(externalId).join(', ')}`];
    }),
    ...there.flatMap(({ externalId }) =>
      s.there(externalId) === undefined ? [`person ${externalId} is removed`] : [],
    ),
  ];
};

const wrongInAudit = async ({ s }: Instances): Promise<readonly string[]> => {
  const { findings, sealed, head } = await verifyAudit(s.world.container.ports)();
  const gaps = head !== null && head.seq !== sealed ? [`${sealed} seals, the last is ${head.seq}`] : [];
  return [...gaps, ...findings.map(({ kind, what }) => `audit: ${kind} ${what}`)];
};

const differentAtNodes = async ({ cluster, database }: Instances): Promise<readonly string[]> => {
  const tables = await cluster.nodes[0].ask(`SHOW TABLES FROM \`${database}\``);
  const list = tables.map((row) => `\`${database}\`.\`${String(Object.values(row)[0])}\``).join(', ');
  const sums = await Promise.all(
    cluster.nodes.map(async (node) => {
      const rows = await node.ask(`CHECKSUM TABLE ${list}`);
      return new Map(rows.map((row) => [String(row['Table']), String(row['Checksum'])]));
    }),
  );
  const [first] = sums;
  return [...(first ?? new Map<string, string>())]
    .filter(([table, checksum]) => sums.some((others) => others.get(table) !== checksum))
    .map(([table]) => `${table.replace(/^.*\./, '')} differs between nodes`);
};
