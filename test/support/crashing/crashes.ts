import type { Stage } from './stage.ts';
import type { Victims } from './victims.ts';
import { startInstance, type Answer, type Request } from './instance.ts';
import { pictureOf, samePicture, type Picture } from './picture.ts';
import { comeToRest, letTimePass } from './rest.ts';

export interface Undisturbed {
  readonly answer: Answer | null;
  readonly steps: readonly string[];
  readonly untouched: Picture;
  readonly done: Picture;
  /** Writes to the OAuth server. */
  readonly writes: number;
}
/** What a kill at one step came to, after a new program had come to rest. */
export interface Aftermath {
  readonly step: number;
  readonly killed: boolean;
  /** The caller's answer, where the kill came after it. */
  readonly status: number | null;
  readonly state: 'untouched' | 'done' | Picture;
  readonly writes: number;
  /** When the caller asks again. */
  readonly again: { readonly status: number; readonly state: 'done' | Picture };
}

/** The story without any kill: what untouched and done look like, and of which steps it consists. */
export const undisturbed = async (stage: Stage, victims: Victims, request: Request): Promise<Undisturbed> => {
  const untouched = await afterwards(stage, await stage.reset());
  const env = await stage.reset();
  const { answer, steps } = await victims.serve({ env, killAt: 0 }, request);
  const done = await afterwards(stage, env);
  return { answer, steps, untouched: untouched.picture, done: done.picture, writes: stage.proxy.calls(/^POST/) };
};

/** Kills at one step; with `then`, also the program that is started afterwards, at a step of its outbox's. */
export const killAt = async (
  stage: Stage,
  victims: Victims,
  request: Request,
  { step, then }: { readonly step: number; readonly then?: number },
  known: Undisturbed,
): Promise<Aftermath & { readonly killedAgain: boolean }> => {
  const env = await stage.reset();
  const ending = await victims.serve({ env, killAt: step }, request);
  let killedAgain = false;
  if (then !== undefined) {
    await timePasses(stage, env);
    killedAgain = (await victims.dispatch({ env, killAt: then })).killed;
  }
  const { picture, writes, again } = await afterwards(stage, env, request);
  const named = (seen: Picture): Aftermath['state'] => {
    if (samePicture(seen, known.done)) return 'done';
    return samePicture(seen, known.untouched) ? 'untouched' : seen;
  };
  return {
    step,
    killed: ending.killed,
    killedAgain,
    status: ending.answer?.status ?? null,
    state: named(picture),
    writes,
    again: { status: again?.status ?? 0, state: named(again?.picture ?? picture) as 'done' | Picture },
  };
};

interface Seen {
  readonly picture: Picture;
  /** Writes to the OAuth server so far. */
  readonly writes: number;
  readonly again: { readonly status: number; readonly picture: Picture } | null;
}

/** A fresh program, until nothing waits any more; then what there is, and again after the same request. */
const afterwards = async (stage: Stage, env: Awaited<ReturnType<Stage['reset']>>, request?: Request): Promise<Seen> => {
  await stage.quiet();
  const { container, call, stop } = await startInstance(env);
  const look = () => pictureOf(container.database, stage.oauth(), stage.start);
  try {
    await comeToRest(container);
    const [picture, writes] = [await look(), stage.proxy.calls(/^POST/)];
    if (request === undefined) return { picture, writes, again: null };
    const { status } = await call(request);
    await comeToRest(container);
    return { picture, writes, again: { status, picture: await look() } };
  } finally {
    await stop();
  }
};

const timePasses = async (stage: Stage, env: Awaited<ReturnType<Stage['reset']>>): Promise<void> => {
  await stage.quiet();
  const { container, stop } = await startInstance(env);
  await letTimePass(container);
  await stop();
};
