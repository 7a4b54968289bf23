import { createContainer } from '../../container.ts';
import { adopt, rehearse } from '../../db/adoption/adopt.ts';
import type { OnProgress } from '../../db/adoption/report.ts';
import type { Log } from '../../ports/platform.ts';
import { checkOauthServers } from '../../use-cases/sites/check-oauth-servers.ts';
import { adoptionText, toDoAfter } from '../adoption-text.ts';
import { configHere } from '../command-errors.ts';
import type { Ending } from '../endings.ts';
import { jsonText, type Io } from '../io.ts';
import { progressAt } from '../progress.ts';
import { inOneLine, logBeside } from '../with-container.ts';

/** Brings the database up to date, or adopts an existing one, and reports what it did and found. Loses nothing. */
export const migrate = async (io: Io, { dryRun = false }: { readonly dryRun?: boolean }): Promise<Ending> => {
  const config = configHere({ existing: false });
  const log = logBeside(config, io.err.isTerminal ? 'warn' : 'info');
  const container = createContainer(config, { log, readOnly: dryRun });
  const { database, migrator, ports } = container;
  const progress = tellProgress(io, log, dryRun);
  try {
    const globalIssuer = ports.settings.globalOauthClient?.issuer ?? null;
    const needs = { ...ports, database, migrator, globalIssuer, onProgress: progress.tell };
    const report = await (dryRun ? rehearse(needs) : adopt(needs));
    // An empty database that is only looked at has no sites yet; the global OAuth server is asked all the same.
    const hasSites = !dryRun || !report.tablesAdded.includes('sites');
    const sites = hasSites ? ports.sites : { ...ports.sites, all: () => Promise.resolve([]) };
    const oauthServers = await checkOauthServers({ ...ports, sites })();
    const toDo = toDoAfter(report, oauthServers);
    progress.end();
    await io.print(io.json ? jsonText({ ...report, oauthServers, toDo }) : adoptionText(report, oauthServers, toDo));
    return 'done';
  } catch (error) {
    progress.end();
    throw inOneLine(error, config, 'What was done stays; put it right and run this again.');
  } finally {
    await container.close();
  }
};

const pauseMs = 5_000;

/** At a terminal as a bar, else in the log every few seconds; and where a signal finds it. */
const tellProgress = (
  io: Io,
  log: Pick<Log, 'info'>,
  dryRun: boolean,
): { readonly tell: OnProgress; readonly end: () => void } => {
  const bar = progressAt(io);
  let toldAt = performance.now();
  const stays = dryRun ? 'Nothing was changed.' : 'What was done stays: run this again.';
  io.interrupts.onEnd(`Stopped. ${stays}`);
  return {
    tell: (step) => {
      const { work, done, of } = step;
      io.interrupts.onEnd(`Stopped at ${work}, ${done}${of === null ? '' : ` of ${of}`}. ${stays}`);
      bar.tell(step);
      if (io.err.isTerminal || performance.now() - toldAt < pauseMs) return;
      toldAt = performance.now();
      log.info({ ...step }, 'adopting');
    },
    end: bar.end,
  };
};
