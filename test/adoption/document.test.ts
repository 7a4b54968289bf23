import { readFileSync } from 'node:fs';
import { adoptionText, toDoAfter } from '../../src/cli/adoption-text.ts';
import { loadConfig } from '../../src/config/index.ts';
import { createContainer } from '../../src/container.ts';
import { routes } from '../../src/http/routes.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { checkOauthServers } from '../../src/use-cases/sites/check-oauth-servers.ts';
import { adoptIn, withRecording } from '../support/adopted.ts';
import { receiptKey } from '../support/receipt-key.ts';
import { describeOnMysql } from '../support/recorded-copy.ts';
import { closedAfter } from '../support/until.ts';

const page = readFileSync('docs/adoption.md', 'utf8');
const blockOf = (language: string, text: string): string =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? '';

describe('the proxy of docs/openstad-clients.md, to which docs/adoption.md points', () => {
  const proxy = readFileSync('docs/openstad-clients.md', 'utf8');
  // `~*` is nginx’ expression that counts no case: the only kind that may stand there, as Express upstream counts none either.
  const ours = [...blockOf('nginx', proxy).matchAll(/location (~\S*) (\S+)/g)].map(
    ([, kind, path = '']) => new RegExp(path, kind === '~*' ? 'i' : ''),
  );
  const isOurs = (path: string): boolean => ours.some((one) => one.test(path));
  const pathsOf = (text: string): readonly string[] => [
    ...new Set(routes.map(({ path }) => path.replaceAll(/\{\w+\}/g, text))),
  ];

  it('sends to us what OpenStad’s clients ask about people, and nothing else', () => {
    const recorded = JSON.parse(readFileSync('test/recordings/openstad-clients.json', 'utf8')) as {
      readonly calls: readonly { readonly request: { readonly path: string } }[];
    };
    const paths = [...new Set(recorded.calls.map(({ request }) => request.path.replace(/\?.*/, '')))];
    const theirs = paths.filter((path) => !isOurs(path));
    expect(ours.length).toBeGreaterThan(3);
    expect(page).toContain('(openstad-clients.md)');
    expect(theirs.sort()).toEqual(['/api/site', '/api/site/1', '/api/site/5', '/api/site/7', '/api/site/issues']);
    for (const path of ['/api/site/1/idea', '/api/site/1/idea/2/argument', '/api/site/1/vote', '/api/site/1/users-of'])
      expect(isOurs(path)).toBe(false);
  });

  it('sends to us each of our routes and pages but those of sites', () => {
    const pages = ['/docs', '/docs/page.js', '/openapi.json', '/problems/not-found'];
    const elsewhere = [...pathsOf('1'), ...pages].filter((path) => !isOurs(path));
    expect(elsewhere.sort()).toEqual(['/api/site', '/api/site/1']);
  });

  it('sends to us what OpenStad would take for a call about people, written in any letters', () => {
    for (const path of [
      '/api/site/1/USER/2',
      '/API/site/1/user/2/do-anonymize',
      '/OAuth/site/1/me',
      '/oauth/SITE/1/login',
    ])
      expect([path, isOurs(path)]).toEqual([path, true]);
    for (const path of pathsOf('1').filter(isOurs)) expect(isOurs(path.toUpperCase())).toBe(true);
  });
});

describeOnMysql('docs/adoption.md, of a recorded database', () => {
  it('shows the report that is really printed, and names what is really added', () =>
    withRecording('openstad-api-database-worn', async (database, url) => {
      const report = await adoptIn(database);
      const env = {
        NODE_ENV: 'test',
        DATABASE_URL: url,
        AUTH_JWT_SECRET: 'a secret of thirty-two characters',
        DATA_KEY: Buffer.alloc(32, 7).toString('base64'),
        RECEIPT_KEY: receiptKey,
      };
      const log = createLogger({ level: 'silent', personalFields: [] });
      const container = createContainer(loadConfig({ env }), { log });
      const servers = await closedAfter(checkOauthServers(container.ports)(), () => container.close());
      const text = adoptionText(report, servers, toDoAfter(report, servers));

      // Three dots stand for what differs each time, or for lines like the one above.
      const shown = blockOf('text', page)
        .trimEnd()
        .split('\n')
        .filter((line) => line.trim() !== '…');
      expect(shown.length).toBeGreaterThan(15);
      const lines = text.split('\n');
      for (const line of shown) {
        const [start = '', end] = line.includes('person …') ? line.split('…') : [line];
        expect(lines.filter((one) => one.startsWith(start) && one.endsWith(end ?? start))).not.toEqual([]);
      }
      const ofUsers = report.columnsAdded.map((name) => name.replace('users.', ''));
      expect(page).toContain(`Columns of \`users\`: ${ofUsers.map((name) => `\`${name}\``).join(', ')}.`);
      expect(report.tablesAdded.every((table) => table.startsWith('civitas_'))).toBe(true);
    }));
});
