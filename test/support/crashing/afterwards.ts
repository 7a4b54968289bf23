import { ampleMs, startInstance, type Answer, type Environment, type Request } from './instance.ts';
import { pictureOf, type Picture } from './picture.ts';
import { comeToRest, letTimePass } from './rest.ts';
import type { Stage } from './stage.ts';

export interface Seen {
  readonly picture: Picture;
  /** Writes to the OAuth server so far. */
  readonly writes: number;
}

/** A fresh program, until nothing waits any more; then what there is. */
export const atRest = (stage: Stage, env: Environment): Promise<Seen> => withFreshProgram(stage, env, (rest) => rest());

/** And then the caller asks again. */
export const atRestTwice = (
  stage: Stage,
  env: Environment,
  request: Request,
): Promise<Seen & { readonly again: Seen & Pick<Answer, 'status'> }> =>
  withFreshProgram(stage, env, async (rest, call) => {
    const seen = await rest();
    const { status } = await call(request);
    return { ...seen, again: { status, ...(await rest()) } };
  });

/** What waits is due from now on. */
export const timePasses = async (stage: Stage, env: Environment): Promise<void> => {
  await stage.quiet();
  const { container, stop } = await startInstance(env);
  await letTimePass(container);
  await stop();
};

const withFreshProgram = async <T>(
  stage: Stage,
  env: Environment,
  work: (rest: () => Promise<Seen>, call: (request: Request) => Promise<Answer>) => Promise<T>,
): Promise<T> => {
  await stage.quiet();
  const { container, call, stop } = await startInstance(env, { timeLimitMs: ampleMs });
  const rest = async (): Promise<Seen> => {
    await comeToRest(container);
    return { picture: await pictureOf(container.database, stage.oauth(), stage.start), writes: stage.writes() };
  };
  try {
    return await work(rest, call);
  } finally {
    await stop();
  }
};
