import { settingsAsMarkdown, settingsRows } from '../../config/index.ts';
import { configHere, nameOf } from '../command-errors.ts';
import type { Ending } from '../endings.ts';
import { jsonText, type Io } from '../io.ts';
import { factsText } from '../table.ts';

/** The table of settings as Markdown, as it stands in docs/settings.md; or whether those of this environment are right. */
export const settings = async (io: Io, { check = false }: { readonly check?: boolean }): Promise<Ending> => {
  if (!check) {
    await io.print(io.json ? jsonText(settingsRows()) : `${settingsAsMarkdown()}\n`);
    return 'done';
  }
  // Nothing of it is a secret.
  const { nodeEnv, demo, database, authorization, server, redis } = configHere();
  const facts = {
    environment: demo ? `${nodeEnv}, the demo` : nodeEnv,
    database: nameOf(database.url).replace(/^The database /, ''),
    OAuth: authorization.serverUrl ?? 'each site its own',
    address: server.publicUrl ?? `${server.host}:${server.port}`,
    workers: server.workers,
    Redis: redis.url === null ? 'none' : new URL(redis.url).host,
  };
  if (io.json) await io.print(jsonText(facts));
  else {
    await io.print(factsText(io.out, Object.entries(facts)));
    io.tell('All settings are right. Whether the database answers, `npm run migrate -- --dry-run` says.', 'green');
  }
  return 'done';
};
