import { readFileSync } from 'node:fs';
import { startOauthServer, type OauthServerOptions } from './index.ts';

/**
 * The development OAuth server as a process of its own, for tests that kill it:
 * `node dist/src/demo/oauth-server/main.js CONFIG.json`, where the file holds its options (OauthServerOptions without `log`).
 * Writes one line of JSON, `{"url": …}`, when it listens; ends on SIGTERM.
 */
const file = process.argv[2];
if (file === undefined) throw new Error('usage: main.js CONFIG.json');
const options = JSON.parse(readFileSync(file, 'utf8')) as OauthServerOptions;
const server = await startOauthServer({
  ...options,
  log: {
    warn: (_facts, line) => {
      process.stderr.write(`${line}\n`);
    },
  },
});
process.once('SIGTERM', () => {
  void server.close();
});
// Last, as whoever reads this line may stop us at once.
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
