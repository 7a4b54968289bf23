import { atRest, atRestTwice, timePasses } from './afterwards.ts';
import type { Answer, Environment, Request } from './instance.ts';
import { samePicture, type Picture } from './picture.ts';
import type { Kept, Stage } from './stage.ts';
import type { Victims } from './victims.ts';

/** A world of its own, and programs that die on it. */
export interface Lane {
  readonly stage: Stage;
  readonly victims: Victims;
}
/** A lane and a use case on it, of which is known how it goes without any kill. */
export interface Course extends Lane {
  readonly request: Request;
  readonly known: Undisturbed;
}
export interface Undisturbed {
  readonly answer: Answer | null;
  readonly steps: readonly string[];
  readonly untouched: Picture;
  readonly done: Picture;
  /** Writes to the OAuth server. */
  readonly writes: number;
}
/** How the use case was killed at one step. */
export interface Killed {
  readonly step: number;
  readonly killed: boolean;
  /** The caller's answer, where the kill came after it. */
  readonly status: number | null;
}
/** What a kill came to, after a new program had come to rest. */
export interface Aftermath extends Killed {
  readonly state: 'untouched' | 'done' | Picture;
  readonly writes: number;
  /** When the caller asks again. */
  readonly again: { readonly status: number; readonly state: 'done' | Picture };
}

/** Whether a step is one at which rows are written: a list of steps without any was not counted rightly. */
export const isWrite = (step: string): boolean => /^database: (INSERT|UPDATE|DELETE)/.test(step);

/** The use case without any kill: what untouched and done look like, and of which steps it consists. */
export const undisturbed = async ({ stage, victims }: Lane, request: Request): Promise<Undisturbed> => {
  const untouched = await atRest(stage, await stage.reset());
  const env = await stage.reset();
  const { answer, steps } = await victims.serve({ env, killAt: 0 }, request);
  const done = await atRest(stage, env);
  return { answer, steps, untouched: untouched.picture, done: done.picture, writes: done.writes };
};

/** Kills at one step. */
export const killAt = async (course: Course, step: number): Promise<Aftermath> => {
  const env = await course.stage.reset();
  const killed = await served(course, env, step);
  return { ...killed, ...(await aftermath(course, env)) };
};

/** A kill at one step, and the world that it left when time had gone by: the next program has work to do there. */
export const leftBy = async (course: Course, step: number): Promise<Killed & { readonly left: Kept }> => {
  const env = await course.stage.reset();
  const killed = await served(course, env, step);
  await timePasses(course.stage, env);
  return { ...killed, left: await course.stage.keep() };
};

/** In such a world, also kills the program that is started next, at a step of its outbox's. */
export const killAgainAt = async (
  course: Course,
  { left, ...killed }: Awaited<ReturnType<typeof leftBy>>,
  then: number,
): Promise<Aftermath & { readonly killedAgain: boolean }> => {
  const env = await course.stage.reset(left);
  const { killed: killedAgain } = await course.victims.dispatch({ env, killAt: then });
  return { ...killed, killedAgain, ...(await aftermath(course, env)) };
};

const served = async ({ victims, request }: Course, env: Environment, step: number): Promise<Killed> => {
  const { killed, answer } = await victims.serve({ env, killAt: step }, request);
  return { step, killed, status: answer?.status ?? null };
};

const aftermath = async (
  { stage, request, known }: Course,
  env: Environment,
): Promise<Pick<Aftermath, 'state' | 'writes' | 'again'>> => {
  const { picture, writes, again } = await atRestTwice(stage, env, request);
  const named = (seen: Picture): Aftermath['state'] => {
    if (samePicture(seen, known.done)) return 'done';
    return samePicture(seen, known.untouched) ? 'untouched' : seen;
  };
  return {
    state: named(picture),
    writes,
    again: { status: again.status, state: named(again.picture) as 'done' | Picture },
  };
};
