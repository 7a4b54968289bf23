import { effortFor, type Effort } from './cases/case.ts';
import { floorKinds } from './floors.ts';
import { countStatements, measureApi, measureFloor, type Instruments, type Measured } from './measure.ts';
import type { Ready } from './prepared.ts';
import type { Progress } from './progress.ts';
import { reasonOf } from './reason.ts';

/** All that was seen of a case at so many connections, round by round. */
export interface Seen {
  readonly name: string;
  readonly title: string;
  readonly connections: number;
  readonly rounds: readonly (readonly Measured[])[];
  readonly statements: number;
}
export interface Pace extends Effort {
  /** How long a target is driven. */
  readonly seconds: number;
  readonly warmSeconds: number;
}
export interface Failed {
  readonly name: string;
  readonly why: string;
}

/**
 * Everything in turn, round by round: what disturbs the machine for a while disturbs the API and its floors alike. A case that
 * fails is told and left out; the others go on.
 */
export const measureRounds = async (
  instruments: Instruments,
  ready: readonly Ready[],
  pace: Pace,
  progress: Progress,
): Promise<{ readonly seen: readonly Seen[]; readonly failed: readonly Failed[] }> => {
  const failed: Failed[] = [];
  const statements = new Map<string, number>();
  const rounds = new Map<string, (readonly Measured[])[]>();
  const without = async (one: Ready, work: () => Promise<void>): Promise<void> => {
    if (failed.some(({ name }) => name === one.it.name)) return;
    await work().catch((error: unknown) => {
      failed.push({ name: one.it.name, why: reasonOf(error) });
    });
  };
  const each = ready.map((one) => ({ one, its: effortFor(one.it, pace) }));
  const total = each.reduce((sum, { its }) => sum + 1 + its.rounds * its.connections.length, 0);
  let done = 0;
  const step = (what: string): void => {
    progress.share(what, done, total);
    done += 1;
  };
  for (const { one, its } of each) {
    step(`warming up: ${one.it.name}`);
    await without(one, async () => {
      await warm(instruments, one, its);
      statements.set(one.it.name, await countStatements(instruments, one, Math.min(20, its.once)));
    });
  }
  for (let round = 1; round <= pace.rounds; round += 1) {
    for (const { one, its } of each) {
      for (const connections of its.connections) {
        step(
          `round ${round} of ${pace.rounds}: ${one.it.name}, ${connections} connection${connections === 1 ? '' : 's'}`,
        );
        await without(one, async () => {
          const key = keyOf(one, connections);
          rounds.set(key, [...(rounds.get(key) ?? []), await inTurn(instruments, one, connections, its)]);
        });
      }
    }
  }
  progress.clear();
  return {
    failed,
    seen: each.flatMap(({ one, its }) =>
      its.connections.flatMap((connections) => {
        const { name, title } = one.it;
        const measured = rounds.get(keyOf(one, connections)) ?? [];
        if (measured.length === 0) return [];
        return [{ name, title, connections, rounds: measured, statements: statements.get(name) ?? 0 }];
      }),
    ),
  };
};

const keyOf = ({ it }: Ready, connections: number): string => `${it.name} ${connections}`;

const inTurn = async (
  instruments: Instruments,
  one: Ready,
  connections: number,
  { seconds, once }: Pace,
): Promise<readonly Measured[]> => {
  const burst = { connections, seconds, once: Math.max(connections, once) };
  const measured = [await measureApi(instruments, one, burst)];
  for (const kind of floorKinds.filter((some) => one.floors.includes(some)))
    measured.push(await measureFloor(instruments, one, kind, burst));
  return measured;
};

/** Until everything is compiled and in its cache; what can be done only once is warmed up with a few. */
const warm = async (instruments: Instruments, one: Ready, { warmSeconds, once, connections }: Pace): Promise<void> => {
  const most = Math.max(...connections);
  const burst = { connections: one.plan.dealing === 'once' ? Math.min(most, once) : most, seconds: warmSeconds, once };
  await measureApi(instruments, one, burst);
  for (const kind of one.floors) await measureFloor(instruments, one, kind, { ...burst, seconds: warmSeconds / 2 });
};
