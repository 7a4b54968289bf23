import { disagreements } from '../support/crashing/agreement.ts';
import { startInstance, type Answer, type Environment, type Instance } from '../support/crashing/instance.ts';
import { comeToRest } from '../support/crashing/rest.ts';
import { buildStage, type Stage } from '../support/crashing/stage.ts';
import { changesBetween, dumped, type Dump } from '../support/dump.ts';
import { timeLimitBeside, type Misbehaviour } from '../support/misbehaving-server.ts';
import { everybody, patterns, requestOf, type Case } from './cases.ts';

export interface Suffered {
  readonly answer: Answer;
  /** What the call changed in our database, our own books left out. */
  readonly changed: readonly string[];
  readonly log: string;
}
export interface Ordeal {
  readonly stage: Stage;
  readonly beginAnew: () => Promise<void>;
  /** The call while the server misbehaves. */
  readonly suffer: (one: Case) => Promise<Suffered>;
  /** The server is well again, and all that waits is executed. Answers in what we do not agree with it then. */
  readonly recover: () => Promise<readonly string[]>;
  readonly withProgram: <T>(settings: { timeLimitMs?: number }, work: (instance: Instance) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

/** Short, as some of the misbehaviours last as long as it does; a call that is late beside one of them is told the same. */
export const limits = (mode: Misbehaviour) => ({ timeLimitMs: timeLimitBeside(mode, 400) });

export const openOrdeal = async (): Promise<Ordeal> => {
  const stage = await buildStage(
    everybody.flatMap(({ everywhere, onlyHere }) => [everywhere, onlyHere]),
    everybody.map(({ onlyThere }) => onlyThere),
  );
  const strangers = new Set(everybody.map(({ onlyThere }) => onlyThere.externalId));
  let env: Environment = await stage.reset();

  /** A program of its own for each: no circuit is open yet, nothing is known yet of the server. */
  const withProgram: Ordeal['withProgram'] = async (settings, work) => {
    const instance = await startInstance(env, settings);
    try {
      return await work(instance);
    } finally {
      await instance.stop();
    }
  };
  return {
    stage,
    withProgram,
    beginAnew: async () => {
      env = await stage.reset();
    },
    suffer: (one) =>
      withProgram(limits(one.mode), async ({ container, call, log }) => {
        const before = await dumped(container.database);
        // Without a pattern all earlier ones are forgotten.
        await stage.proxy.behave('pass');
        await stage.proxy.behave(one.mode, patterns[one.where]);
        const answer = await call(requestOf(one, stage.settled));
        return { answer, log: log(), changed: changedHere(before, await dumped(container.database)) };
      }),
    recover: () =>
      withProgram({}, async ({ container }) => {
        await stage.proxy.behave('pass');
        await comeToRest(container);
        return disagreements(container, stage.oauth().people(), strangers);
      }),
    close: stage.close,
  };
};

/**
 * But for our own books: leases, messages and which of them ended, how often somebody was locked or read, and whom a creation made at
 * the OAuth server, of whom there is no row yet.
 */
const changedHere = (before: Dump, after: Dump): readonly string[] =>
  changesBetween(before, after)
    .filter(({ table }) => !['civitas_leases', 'civitas_outbox', 'civitas_idempotency_keys'].includes(table))
    .filter(({ table, kind }) => table !== 'civitas_persons' || kind !== 'added')
    .flatMap(({ table, key, kind, columns }) =>
      columns
        .filter(
          (column) => table !== 'civitas_persons' || kind !== 'changed' || !['version', 'fetchedAt'].includes(column),
        )
        .map((column) => `${kind} ${table} ${key} ${column}`),
    );
