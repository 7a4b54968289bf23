import { compileProgram, type Compiled } from '../support/crashing/compiled.ts';
import { startInstance, type Environment } from '../support/crashing/instance.ts';
import { difference, pictureOf, samePicture, type Picture } from '../support/crashing/picture.ts';
import { comeToRest } from '../support/crashing/rest.ts';
import { buildStage, type Stage } from '../support/crashing/stage.ts';
import { everywhere } from '../support/crashing/stories.ts';
import { victimsFrom, type Victims } from '../support/crashing/victims.ts';

jest.setTimeout(900_000);

let compiled: Compiled;
let stage: Stage;
let victims: Victims;
beforeAll(async () => {
  compiled = await compileProgram();
  stage = await buildStage([everywhere, { externalId: 400, siteIds: [3] }]);
  victims = victimsFrom(compiled.folder);
});
afterAll(async () => {
  await victims.close();
  await stage.close();
  await compiled.remove();
});

/** The site of the small world that has ended, with a run begun and nobody visited. */
const begun = async (): Promise<Environment> => {
  const env = await stage.reset();
  const { call, stop } = await startInstance(env);
  const { status } = await call({ method: 'PUT', path: '/api/site/3/do-anonymize-all-users' });
  await stop();
  if (status !== 202) throw new Error(`not begun: ${status}`);
  return env;
};
const atRest = async (env: Environment): Promise<Picture> => {
  await stage.quiet();
  const { container, stop } = await startInstance(env);
  try {
    await comeToRest(container);
    return await pictureOf(container.database, stage.oauth(), stage.start);
  } finally {
    await stop();
  }
};

describe('the anonymization of a whole site, killed at any of its steps', () => {
  it('is done as if nobody had been killed, once a new program has come to rest', async () => {
    const untouched = await begun();
    const { steps } = await victims.workOnSites({ env: untouched, killAt: 0 });
    const done = await atRest(untouched);
    expect(steps.filter((step) => step.startsWith('database: COMMIT')).length).toBeGreaterThan(2);

    const half: unknown[] = [];
    let killed = 0;
    for (let step = 1; step <= steps.length; step += 1) {
      const env = await begun();
      if (!(await victims.workOnSites({ env, killAt: step })).killed) break;
      killed += 1;
      const found = await atRest(env);
      if (!samePicture(found, done)) half.push({ step, name: steps[step - 1], found: difference(found, done) });
    }

    expect(half).toEqual([]);
    expect(killed).toBeGreaterThanOrEqual(steps.length - 1);
  });
});
