import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import type { RecordedWorld } from '../../support/recorded-world.ts';

/** How many statements were sent since then (`before`), once there are no more for a second (or so long): what is left waits for something else, as an answer for its reader. */
export const statementsAtRest = async (
  world: Pick<RecordedWorld, 'statements'>,
  before: number,
  quietMs = 1000,
): Promise<number> => {
  const stepMs = quietMs / 10;
  let [statements, quiet] = [0, 0];
  while (quiet < 10) {
    await pause(stepMs);
    const now = world.statements() - before;
    quiet = now === statements && now > 0 ? quiet + 1 : 0;
    statements = now;
  }
  return statements;
};

/** Runs what begins to ask a program in this process for an answer, until that answer waits for whoever reads it. */
export const answerUnread = async <T>(
  world: Pick<RecordedWorld, 'statements'>,
  path: string,
  ask: () => T,
): Promise<T> => {
  const before = world.statements();
  let response: ServerResponse | undefined;
  const seen = (message: unknown): void => {
    const begun = message as { readonly request: IncomingMessage; readonly response: ServerResponse };
    if (begun.request.url === path) ({ response } = begun);
  };
  subscribe('http.server.request.start', seen);
  try {
    const asked = ask();
    let [statements, quiet] = [0, 0];
    await until('the answer waits for its reader', () => {
      const now = world.statements() - before;
      quiet = response?.writableNeedDrain === true && now === statements ? quiet + 1 : 0;
      statements = now;
      return quiet === 5;
    });
    return asked;
  } finally {
    unsubscribe('http.server.request.start', seen);
  }
};
