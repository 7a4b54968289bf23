import { CommanderError } from 'commander';
import { endings, endOf, type Ending } from './endings.ts';
import { interruptsOf } from './interrupts.ts';
import { ioOf } from './io.ts';
import { createProgram } from './program.ts';

/** Runs `civitas` with these words, to its exit code. */
export const runCivitas = async (words: readonly string[]): Promise<number> => {
  const end: { ending: Ending; signal: number | null } = { ending: 'done', signal: null };
  const program = createProgram(async ({ json = false }, work, kind = 'looks') => {
    const io = ioOf(process, { json, kind }, (tell) => interruptsOf(process, tell));
    try {
      end.ending = await work(io);
      if (io.isUnread()) {
        io.tell('It was carried out, but nobody reads stdout, where it says what came of it.');
        if (end.ending === 'done') end.ending = 'failed';
      }
    } catch (error) {
      const { line, ending } = endOf(error);
      io.tell(line);
      end.ending = ending;
      end.signal = io.interrupts.code();
      await tellMore(error);
    }
  });
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // It has said what is wrong; help that was asked for is no mistake.
    return error.exitCode === 0 ? endings.done.code : endings['wrong-words'].code;
  }
  return end.signal ?? endings[end.ending].code;
};

/** With LOG_LEVEL=debug: the error itself, as the log has it, without a value of the database. */
const tellMore = async (error: unknown): Promise<void> => {
  const { environment } = await import('../config/index.ts');
  if (!['debug', 'trace'].includes(environment()['LOG_LEVEL'] ?? '')) return;
  const { logBeside } = await import('./with-container.ts');
  logBeside({ log: { level: 'debug' } }).debug({ err: error }, 'why the command failed');
};
