import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { settingNames, settingOf } from '../../src/config/settings.ts';
import { freePortPair } from '../support/free-port.ts';
import { startProgram, type Program } from '../support/program.ts';

/** What an operator installs and starts: nothing of it reports to strangers, shows more than it must, or may do more than it needs. */

interface Installed {
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}
interface Service {
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}
const written = (file: string): string => readFileSync(join(process.cwd(), file), 'utf8');
const services = (file: string): readonly (readonly [string, Service])[] =>
  Object.entries(
    (parse(written(file), { merge: true }) as { readonly services: Readonly<Record<string, Service>> }).services,
  );

describe('what is installed', () => {
  const { packages } = JSON.parse(written('package-lock.json')) as {
    readonly packages: Readonly<Record<string, Installed>>;
  };
  const inProduction = Object.entries(packages).filter(([, { dev }]) => dev !== true);

  it('runs no script of a stranger when it is installed for production', () => {
    expect(inProduction.filter(([, { hasInstallScript }]) => hasInstallScript === true)).toEqual([]);
  });

  it('reports to nobody that it was installed', () => {
    expect(Object.keys(packages).filter((path) => path.includes('@scarf/'))).toEqual([]);
  });

  it('says under which licence, with the text', () => {
    expect((JSON.parse(written('package.json')) as { license: string }).license).toBe('EUPL-1.2');
    const text = written('LICENSE');
    expect(text.startsWith('EUROPEAN UNION PUBLIC LICENCE v. 1.2\n')).toBe(true);
    expect(text).toContain('15.Applicable Law');
    expect(text).toContain(
      'All other changes or additions to this Appendix require the production of a new EUPL version.',
    );
  });
});

describe.each([
  { file: 'docker-compose.yml', ports: ['${PUBLISH:-127.0.0.1:8080}:8080'] },
  {
    file: 'docker-compose.cluster.yml',
    ports: ['${PUBLISH_1:-127.0.0.1:8081}:8080', '${PUBLISH_2:-127.0.0.1:8082}:8080'],
  },
])('$file', ({ file, ports: published }) => {
  const all = services(file);
  const ours = all.filter(([, { image }]) => image === 'civitas');

  it.each(ours)(
    'passes on to %s every setting that has an environment name, but for those that the image sets',
    (_name, { environment }) => {
      const bySelf = ['NODE_ENV', 'DEMO', 'DATA_DIR', 'HOST', 'PORT', 'METRICS_PORT'];
      const variables = settingNames.flatMap((name) => settingOf(name).variable ?? []);
      const passed = Object.keys(environment);
      expect(variables.filter((name) => !passed.includes(name) && !bySelf.includes(name))).toEqual([]);
      expect(passed.filter((name) => !variables.includes(name))).toEqual([]);
    },
  );

  it.each(all)('lets %s write nowhere but where it must, and gain no privilege', (_name, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  });

  it('publishes the program only, and that to this machine only', () => {
    expect(all.flatMap(([, { ports = [] }]) => ports)).toEqual(published);
  });

  it('and Dockerfile name a version of every image that others make', () => {
    const stages = [...written('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    const images = [...stages, ...all.map(([, { image }]) => image)].filter((image) => image !== 'civitas');
    expect(images.filter((image) => !/^[a-z]+:\d+\.\d+\.\d+(?:-[a-z]+)?$/.test(image ?? ''))).toEqual([]);
  });

  it('waits for services that it has, and shows them files that are there', () => {
    const names = all.map(([name]) => name);
    expect(
      all.flatMap(([, { depends_on = {} }]) => Object.keys(depends_on)).filter((name) => !names.includes(name)),
    ).toEqual([]);
    const files = all.flatMap(([, { volumes = [] }]) =>
      volumes.flatMap((volume) => /^\.\/([^:]+):/.exec(volume)?.[1] ?? []),
    );
    expect(files.filter((name) => !existsSync(join(process.cwd(), name)))).toEqual([]);
  });
});

test('docker-compose.cluster.yml has of every setting what docker-compose.yml has, but for where the database is', () => {
  const [alone, one, other] = ['docker-compose.yml', 'docker-compose.cluster.yml'].flatMap((file) =>
    services(file).filter(([name]) => /^(?:api|instance-\d)$/.test(name)),
  );
  expect(one?.[1].environment).toEqual({
    ...alone?.[1].environment,
    DATABASE_URL: expect.stringContaining('@haproxy:3306/'),
  });
  expect(other?.[1].environment).toEqual(one?.[1].environment);
});

describe('the running program', () => {
  const folder = mkdtempSync(join(tmpdir(), 'civitas-supply-'));
  const running: Program[] = [];
  afterAll(async () => {
    await Promise.all(running.map((program) => program.stop()));
    rmSync(folder, { recursive: true, force: true });
  });
  const started = async (name: string, env: Readonly<Record<string, string>>): Promise<Program> => {
    const port = await freePortPair();
    const program = await startProgram({ env: { DATA_DIR: join(folder, name), PORT: String(port), ...env } });
    running.push(program);
    return program;
  };

  it('keeps the files of the demo from everybody else on the machine', async () => {
    await started('private', {});
    const files = readdirSync(join(folder, 'private'));
    expect(files.length).toBeGreaterThanOrEqual(3);
    for (const file of files) expect([file, statSync(join(folder, 'private', file)).mode & 0o077]).toEqual([file, 0]);
    expect(statSync(join(folder, 'private')).mode & 0o077).toBe(0);
  });

  it.each(['1', '2'])('answers /metrics at METRICS_PORT only (%s processes)', async (workers) => {
    const inside = await freePortPair();
    const { url } = await started(`inside-${workers}`, { METRICS_PORT: String(inside), WEB_CONCURRENCY: workers });

    const published = await fetch(`${url}/metrics`);
    const kept = await fetch(`http://127.0.0.1:${inside}/metrics`);
    const other = await fetch(`http://127.0.0.1:${inside}/api/site`);

    expect([published.status, kept.status, other.status]).toEqual([404, 200, 404]);
    expect(await kept.text()).toContain('http_request_duration_seconds_count');
  });
});
