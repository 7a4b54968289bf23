import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startOauthServer, type OauthServer } from '../../src/demo/oauth-server/index.ts';
import { loginWalker, type Hop, type Seen, type SeenField } from './login-walker.ts';
import { clientsWith, people, stageOf } from './login-worlds.ts';
import { unusedFlows } from './unused-flows.ts';

/**
 * Every recorded walk of a browser through the real server's pages, hop by hop, against the development one: where it is sent,
 * which cookies it brings, what the page says, and which form it is to fill in.
 */
interface RecordedPage {
  readonly heading?: string;
  readonly messages?: readonly string[];
  readonly form?: { readonly action: string; readonly fields: readonly SeenField[] };
  readonly links?: readonly { readonly text: string; readonly href: string }[];
}
interface Step {
  readonly request: Omit<Hop, 'referer'> & { readonly cookiesSent: readonly string[]; readonly referer?: string };
  readonly response: { readonly status: number; readonly location?: string; readonly page?: RecordedPage };
}
interface Flow {
  readonly flow: string;
  readonly steps?: readonly Step[];
  /** In short: `GET address -> 302 address`, or the status and the heading of a page. */
  readonly redirects?: readonly string[];
}
const file = join(process.cwd(), 'test/recordings/openstad-oauth-server-2.json');
const { flows } = JSON.parse(readFileSync(file, 'utf8')) as { flows: readonly Flow[] };
const isUnused = ({ flow }: Flow): boolean => unusedFlows.some(([begins]) => flow.startsWith(begins));

describe('A browser walks through the development OAuth server as through the recorded one:', () => {
  let server: OauthServer | undefined;
  afterEach(async () => {
    jest.restoreAllMocks();
    await server?.close();
    server = undefined;
  });

  test.each(flows.filter((flow) => !isUnused(flow)).map((flow) => [flow.flow, flow] as const))(
    '%s',
    async (name, { steps, redirects = [] }) => {
      const { clients, values = {}, before } = stageOf(name);
      server = await startOauthServer({
        ...{ port: 0, host: '127.0.0.1', production: false, clients: clientsWith(clients), people },
      });
      const walker = loginWalker(server);
      await before?.(walker, server);
      Object.assign(walker.values, values);
      let isElsewhere = !name.includes('other browser');
      const hop = (asked: Hop): Promise<Seen> => {
        if (!isElsewhere && asked.url.startsWith('/auth/url/authenticate')) {
          walker.changeBrowser();
          isElsewhere = true;
        }
        return walker.hop(asked);
      };

      for (const { request, response } of steps ?? []) {
        const seen = await hop({ ...request, referer: request.referer ?? null });
        expect([request.url, seen.status, seen.location]).toEqual([
          request.url,
          response.status,
          response.location ?? null,
        ]);
        expect(seen.cookiesSent).toEqual([...request.cookiesSent].sort());
        if (response.page !== undefined) expect(comparable(seen.page ?? {})).toEqual(comparable(response.page));
      }
      for (const line of redirects) {
        const [, method = '', url = '', status = '', where = ''] = /^(\w+) (.+) -> (\d+) (.*)$/.exec(line) ?? [];
        const seen = await hop({ method, url });
        expect(`${method} ${url} -> ${seen.status} ${seen.location ?? seen.page?.heading ?? ''}`).toBe(
          `${method} ${url} -> ${status} ${where}`,
        );
      }
    },
  );

  test('and all but those of the table are replayed', () => {
    const counts = unusedFlows.map(([begins]) => flows.filter(({ flow }) => flow.startsWith(begins)).length);

    expect(counts.every((count) => count > 0)).toBe(true);
    expect(flows.filter((flow) => !isUnused(flow)).length).toBeGreaterThanOrEqual(129);
  });
});

const comparable = ({
  heading = '',
  messages,
  form,
  links,
}: Omit<RecordedPage, 'form'> & { form?: RecordedPage['form'] | null }) => ({
  heading,
  messages: messages ?? [],
  form:
    form == null
      ? null
      : {
          action: form.action,
          fields: form.fields
            // What is shown and not sent has no name.
            .filter((field) => (field as Partial<SeenField>).name !== undefined)
            .map(({ name, type }) => `${name} ${type}`)
            .sort(),
        },
  links: links ?? [],
});
