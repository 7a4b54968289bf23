import { randomUUID } from 'node:crypto';
import { nextTurn } from '../../platform/clock.ts';
import type { Ports } from '../../ports/index.ts';
import type {
  ListedRun,
  NewPeopleRun,
  OutcomeCount,
  PeopleRun,
  PersonOutcome,
  PlannedPerson,
  RunListQuery,
  RunStore,
} from '../../ports/runs.ts';
import { RunAgain } from '../../ports/unit-of-work.ts';
import type { Database } from '../database.ts';
import { takenOrAdded } from '../leases.ts';
import {
  consoleColumns,
  listedRunColumns,
  listedRunOf,
  outcomeCountOf,
  personRecordOf,
  rankedPersonOf,
  rankedPersonText,
  plannerText,
  runColumns,
  runMac,
  runOf,
  storedState,
  type Authentic,
} from '../rows/run-row.ts';
import { numberOf } from '../rows/values.ts';
import { allOf, joined, listOf, raw, sql, type Sql } from '../sql.ts';
import { isOpen } from './run-states.ts';

type Needs = Pick<Ports, 'clock' | 'secrets'>;
type Lists = Pick<
  RunStore,
  | 'plan'
  | 'list'
  | 'lockLists'
  | 'countOpen'
  | 'listed'
  | 'plannedBefore'
  | 'counts'
  | 'awaitingRemoval'
  | 'people'
  | 'countPeople'
>;

/** How many people a statement writes down. */
const writtenAtOnce = 500;
/** How many forgotten plans are tidied up in one go. */
const mostForgotten = 100;
/** A row that nobody locks any more goes with the leases that have run out. */
const lockKeptMs = 86_400_000;
/** Characters of a run's name: of 32 random bytes as many as make 16 of them. */
const nameLength = 22;

/** It begins with a letter and has a digit in it, so that it is read neither as a number, nor as a word or an option at a command line. */
const newName = (secrets: Pick<Ports['secrets'], 'newToken'>): string => {
  for (;;) {
    const name = secrets.newToken().slice(0, nameLength);
    if (/^[a-z]/i.test(name) && /\d/.test(name)) return name;
  }
};

/** Lists of people that runs have, lists of runs, and how far each is. */
export const runLists = (database: Database, { clock, secrets }: Needs): Lists => {
  const { select, change, insert, dialect } = database;

  const write = async (run: NewPeopleRun, people: readonly PlannedPerson[]): Promise<Authentic> => {
    const asked: Omit<Authentic, 'id'> = {
      ...run,
      ...{ kind: 'people', name: newName(secrets), siteId: 0, state: 'planned', forgivenAt: null },
      planner: { actorId: run.actorId, everywhere: run.everywhere, operator: run.operator, atConsole: run.atConsole },
      ...{ plan: JSON.stringify(run.plan), planned: people.length, startedAt: clock.now() },
      lastUserId: people.reduce((last, { userId }) => Math.max(last, userId), 0),
    };
    const id = await insert(
      sql`INSERT INTO civitas_anonymization_runs
          (kind, publicId, siteId, forSiteId, siteIds, extent, actorId, everywhere, operator, atConsole, consoleSiteIds, planner, statedReason, state, plan, planned, lastUserId, plannedAt, startedAt, mac)
          VALUES ('people', ${asked.name ?? ''}, 0, ${run.forSiteId}, ${JSON.stringify(run.siteIds)}, ${run.extent}, ${run.actorId}, ${run.everywhere}, ${run.operator}, ${joined(
            consoleColumns(run).map((value) => sql`${value}`),
            ', ',
          )}, ${plannerText(run)},
          ${run.statedReason}, 'planned', ${asked.plan}, ${asked.planned}, ${asked.lastUserId}, ${asked.startedAt}, ${asked.startedAt}, '')`,
    );
    await change(
      sql`UPDATE civitas_anonymization_runs SET mac = ${runMac(secrets, { ...asked, id })} WHERE id = ${id}`,
    );
    return { ...asked, id };
  };

  const entryOf = ({ id, name = '' }: Authentic, person: PlannedPerson, rank: number): Sql => {
    const { userId, siteId, digest, refusal } = person;
    const mac = secrets.mac('run person', rankedPersonText(name, { rank, siteId, userId, digest }));
    return sql`(${id}, ${rank}, ${userId}, ${siteId}, ${digest}, ${mac}, ${refusal === null ? 'planned' : 'left-out'}, ${refusal}, 0, ${clock.now()})`;
  };

  return {
    plan: async (run, people) => {
      const written = await write(run, people);
      for (let from = 0; from < people.length; from += writtenAtOnce) {
        const some = people.slice(from, from + writtenAtOnce);
        // Others have their turn before each: writing this down, and the embedded database, let nobody else go on meanwhile.
        await nextTurn();
        await change(
          sql`INSERT INTO civitas_anonymization_run_people (runId, place, userId, siteId, digest, mac, outcome, reason, attempts, \`at\`)
              VALUES ${joined(
                some.map((person, at) => entryOf(written, person, from + at + 1)),
                ', ',
              )}`,
        );
      }
      const [row] = await select(
        sql`SELECT ${runColumns} FROM civitas_anonymization_runs WHERE id = ${written.id} AND kind = 'people'`,
      );
      // It was written in this very transaction.
      return runOf(row ?? {}, secrets) as PeopleRun;
    },

    list: async (query) => {
      const rows = await select(listOfRuns(query));
      return rows.map(listedRunOf);
    },

    lockLists: async (planFor) => {
      const of = planFor === 'all' ? 'platform' : planFor;
      // However many sites it names, a name has an end.
      const name = `run-lists:${typeof of === 'object' ? secrets.fingerprint('run lists', JSON.stringify(of)) : of}`;
      const [mark, until] = [randomUUID(), new Date(clock.now().getTime() + lockKeptMs)];
      // What locks is that it is written, as on a cluster nothing else does; whoever dies gives it back at once, as nothing was committed.
      const write = sql`UPDATE civitas_leases SET \`token\` = ${mark}, \`expiresAt\` = ${until} WHERE \`name\` = ${name}`;
      const add = sql`${raw(dialect.insertUnlessThere)} civitas_leases (\`name\`, \`token\`, \`expiresAt\`) VALUES (${name}, ${mark}, ${until})`;
      if (!(await takenOrAdded(change, write, add)))
        throw new RunAgain('somebody else plans a list for the first time');
    },

    countOpen: async (planFor) => {
      const which =
        typeof planFor === 'number'
          ? sql`forSiteId = ${planFor}`
          : sql`forSiteId IS NULL AND siteIds = ${JSON.stringify(planFor)}`;
      const [row] = await select(
        sql`SELECT COUNT(*) AS n FROM civitas_anonymization_runs WHERE ${which} AND kind = 'people' AND ${isOpen}`,
      );
      return numberOf(row?.['n']) ?? 0;
    },

    listed: async (runId, after, limit) => {
      const rows = await select(
        sql`SELECT place, userId, siteId FROM civitas_anonymization_run_people
            WHERE runId = ${runId} AND place > ${after} ORDER BY place LIMIT ${String(limit)}`,
      );
      return rows.map(rankedPersonOf).map(({ rank, userId, siteId }) => ({ rank, userId, siteId }));
    },

    plannedBefore: async (moment) => {
      const rows = await select(
        sql`SELECT id FROM civitas_anonymization_runs WHERE state = 'planned' AND plannedAt < ${moment} ORDER BY plannedAt LIMIT ${raw(String(mostForgotten))}`,
      );
      return rows.map((row) => numberOf(row['id']) ?? 0);
    },

    counts: async (run) => run.keptCounts ?? countsOf(database, run),

    awaitingRemoval: async (runId, which) => {
      const isTold =
        which === 'all'
          ? raw('1 = 1')
          : raw('NOT EXISTS (SELECT 1 FROM civitas_audit w WHERE w.operation = v.operation AND w.withheld = 1)');
      const [row] = await select(
        sql`SELECT COUNT(*) AS n FROM civitas_anonymization_run_people v
            WHERE v.runId = ${runId} AND ${awaitsRemoval} AND ${isTold}`,
      );
      return numberOf(row?.['n']) ?? 0;
    },

    people: async ({ id, kind }, { offset, limit, outcome }) => {
      const which = cameTo(outcome);
      const rows = await select(
        sql`SELECT userId, outcome, reason, attempts, \`at\`, operation FROM civitas_anonymization_run_people
            WHERE runId = ${id} AND ${which} ORDER BY ${raw(kind === 'people' ? 'place' : 'userId')} LIMIT ${String(limit)} OFFSET ${String(offset)}`,
      );
      return rows.map(personRecordOf);
    },

    countPeople: async (runId, outcome) => {
      const [row] = await select(
        sql`SELECT COUNT(*) AS n FROM civitas_anonymization_run_people WHERE runId = ${runId} AND ${cameTo(outcome)}`,
      );
      return numberOf(row?.['n']) ?? 0;
    },
  };
};

const cameTo = (outcome: PersonOutcome | undefined): Sql =>
  outcome === undefined ? raw('1 = 1') : sql`outcome = ${outcome}`;

/** By outcome and reason, of the people that stand there. */
export const countsOf = async (
  { select }: Database,
  { id, lastUserId }: Pick<ListedRun, 'id' | 'lastUserId'>,
): Promise<readonly OutcomeCount[]> => {
  const rows = await select(
    sql`SELECT outcome, reason, COUNT(*) AS people, COUNT(dueAt) AS waiting,
        COUNT(CASE WHEN userId > ${lastUserId} THEN 1 END) AS cameAfter
        FROM civitas_anonymization_run_people WHERE runId = ${id} GROUP BY outcome, reason ORDER BY outcome, reason`,
  );
  return rows.map(outcomeCountOf);
};

/** Of a run's person `v`: whether the audit says that they were to be removed at the OAuth server, and not what came of it. */
export const awaitsRemoval: Sql = raw(
  `(v.operation IS NOT NULL
    AND EXISTS (SELECT 1 FROM civitas_audit a WHERE a.operation = v.operation AND a.place = 1 AND a.oauth = 'remove')
    AND NOT EXISTS (SELECT 1 FROM civitas_audit o WHERE o.operation = v.operation AND o.\`call\` = 'oauth-removal'))`,
);

/** Both kinds have an index of their own by site, in which the newest stand together: with OR between them all would be read. */
const listOfRuns = ({ siteIds, state, before, limit }: RunListQuery): Sql => {
  const asked = allOf([
    ...(before === null ? [] : [sql`id < ${before}`]),
    ...(state === null
      ? []
      : [sql`state IN ${listOf((['site', 'people'] as const).map((kind) => storedState(kind, state)))}`]),
  ]);
  const branch = (name: string, which: Sql): Sql =>
    sql`SELECT * FROM (SELECT ${listedRunColumns} FROM civitas_anonymization_runs
        WHERE ${which} AND ${asked} ORDER BY id DESC LIMIT ${String(limit)}) ${raw(name)}`;
  if (siteIds === 'all') return branch('every', raw('1 = 1'));
  const branches = [
    branch('site', sql`siteId IN ${listOf(siteIds)} AND kind = 'site'`),
    branch('people', sql`forSiteId IN ${listOf(siteIds)}`),
  ];
  return sql`SELECT * FROM (${joined(branches, ' UNION ALL ')}) runs ORDER BY id DESC LIMIT ${String(limit)}`;
};
