import { Session, type Profiler } from 'node:inspector';
import { setTimeout as pause } from 'node:timers/promises';
import { startRecordedWorld, type Answer } from './recorded-world.ts';
import { aVisitor, logInAs } from './visitor.ts';

/**
 * A program, as a test's own coverage would be in its way: prints as JSON which files of src a request walks through, once everything
 * is warm: those that each of several of its kind walked through, as the outbox and the like may walk along.
 */
const session = new Session();
session.connect();
const profiler = <T>(method: string, parameters?: object): Promise<T> =>
  new Promise((resolve, reject) => {
    session.post(method, parameters, (error, result) => {
      if (error === null) resolve(result as T);
      else reject(error);
    });
  });

const walkedSinceAsked = async (): Promise<readonly string[]> => {
  const { result } = await profiler<Profiler.TakePreciseCoverageReturnType>('Profiler.takePreciseCoverage');
  return result
    .filter(
      ({ url, functions }) => /\/src\/(?!demo\/)/.test(url) && !url.includes('node_modules') && functions.some(hasRun),
    )
    .map(({ url }) => url.split('/src/')[1] ?? url)
    .sort();
};
/** What begins at 0 is the file itself, as it is loaded. */
const hasRun = ({ ranges }: Profiler.FunctionCoverage): boolean =>
  ranges[0] !== undefined && ranges[0].startOffset > 0 && ranges[0].count > 0;

const world = await startRecordedWorld({}, { outboxSeconds: 3600 });
await world.container.database.rows.persons.update({ fetchedAt: new Date() }, { where: {} });
await profiler('Profiler.enable');
await profiler('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

const must = async (answer: Promise<Pick<Answer, 'status' | 'text'>>, status: number): Promise<void> => {
  const { status: seen, text } = await answer;
  if (seen !== status) throw new Error(`${seen}: ${text}`);
};
const people = [5001, 105, 106, 120, 110, 111, 112, 113, 114];
let changes = 0;
const requests: Readonly<Record<string, () => Promise<void>>> = {
  list: () => must(world.call('admin', 'GET', '/api/site/1/user?page=0&pageSize=20'), 200),
  update: () => must(world.call('admin', 'PUT', '/api/site/1/user/101', { firstName: `Vera${(changes += 1)}` }), 200),
  'do-anonymizeall': () => must(anonymizeNext(), 200),
  login: () =>
    must(
      logInAs(
        aVisitor(),
        { apiUrl: world.url, oauthUrl: world.oauth.url, siteId: 1, redirectUrl: 'http://127.0.0.1/' },
        1002,
      ),
      302,
    ),
};
/** Whoever of them can be; those of fixed tokens cannot. */
const anonymizeNext = async (): Promise<Answer> => {
  const answer = await world.call('admin', 'PUT', `/api/site/1/user/${people.shift() ?? 0}/do-anonymizeall`);
  return answer.status === 200 || people.length === 0 ? answer : anonymizeNext();
};

const common: Record<string, readonly string[]> = {};
for (const [name, request] of Object.entries(requests)) {
  for (const isWarm of [false, true, true]) {
    await pause(200);
    await walkedSinceAsked();
    await request();
    const walked = await walkedSinceAsked();
    if (isWarm) common[name] = common[name]?.filter((file) => walked.includes(file)) ?? walked;
  }
}
process.stdout.write(JSON.stringify(common));
session.disconnect();
await world.close();
