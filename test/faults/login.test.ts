import { disagreements } from '../support/crashing/agreement.ts';
import { startInstance, type Environment } from '../support/crashing/instance.ts';
import { comeToRest } from '../support/crashing/rest.ts';
import type { Inhabitant } from '../support/crashing/small-world.ts';
import { buildStage, type Stage } from '../support/crashing/stage.ts';
import { changesBetween, dumped } from '../support/dump.ts';
import { wordsOfTheServer } from '../support/misbehaving-server.ts';
import { aVisitor, upToDigest } from '../support/visitor.ts';
import { modes, statuses } from './cases.ts';
import { limits } from './ordeal.ts';

/** Somebody who comes for the first time, and somebody who has a row. */
const stranger: Inhabitant = { externalId: 3000, siteIds: [2] };
const known: Inhabitant = { externalId: 1000, siteIds: [1, 2] };
const patterns = { 'all calls': /^/, 'the code': /^POST \/oauth\/token/, userinfo: /^GET \/api\/userinfo/ } as const;

let stage: Stage;
let env: Environment;
beforeAll(async () => {
  stage = await buildStage([known], [stranger]);
  env = await stage.reset();
});
afterAll(() => stage.close());

const cases = modes.flatMap((mode) =>
  (Object.keys(patterns) as (keyof typeof patterns)[])
    // A closed door is closed for all calls.
    .filter((where) => mode !== 'refuse' || where === 'all calls')
    .map((where) => [mode, where] as const),
);

describe.each([
  ['for the first time', stranger],
  ['with a row here', known],
])('A login of somebody %s', (_who, { externalId }) => {
  it.each(cases)('says so on %s to %s, makes nothing half, and works when the server is well', async (mode, where) => {
    const instance = await startInstance(env, limits(mode));
    try {
      const flow = { apiUrl: instance.url, oauthUrl: stage.proxy.url, siteId: 1, redirectUrl: 'https://city.example/' };
      const visitor = aVisitor();
      const digest = await upToDigest(visitor, flow, externalId);
      const before = await dumped(instance.container.database);
      await stage.proxy.behave('pass');
      await stage.proxy.behave(mode, where === 'all calls' ? undefined : patterns[where]);

      const refused = await visitor.open(digest, { connection: 'close' });
      const changed = changesBetween(before, await dumped(instance.container.database));
      await stage.proxy.behave('pass');

      // A token that counts no more just after it was given: its person was removed meanwhile.
      const isGone = mode === '401' && where === 'userinfo';
      expect(refused.status).toBe(isGone ? 403 : statuses[mode]);
      expect(refused.text).toContain(`"type":"/problems/${isGone ? 'login-refused' : 'oauth-'}`);
      expect(refused.text + instance.log()).not.toContain(wordsOfTheServer);
      expect(changed.filter(({ table }) => table !== 'civitas_leases')).toEqual([]);
    } finally {
      await instance.stop();
      await stage.proxy.behave('pass');
    }
  });

  it('leaves nothing that does not agree', async () => {
    const { container, stop } = await startInstance(env);
    await comeToRest(container);

    expect(await disagreements(container, stage.oauth().people(), new Set([stranger.externalId]))).toEqual([]);
    await stop();
  });
});
