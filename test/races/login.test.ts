import { setTimeout as pause } from 'node:timers/promises';
import { disagreements } from '../support/crashing/agreement.ts';
import { startInstance, type Instance } from '../support/crashing/instance.ts';
import { comeToRest } from '../support/crashing/rest.ts';
import { mailOf, type Inhabitant } from '../support/crashing/small-world.ts';
import { buildStage, type Stage } from '../support/crashing/stage.ts';
import { aVisitor, upToDigest } from '../support/visitor.ts';
import { deedNames, operations, isTrueAnswer, type DeedName } from './deeds.ts';
import { lostDeeds } from './lost-deeds.ts';

/** Login takes two steps of a browser, so it is not among the operations of pairs.test.ts. Somebody's only row, or one of two. */
const rounds = Number(process.env['RACE_ROUNDS'] ?? 3);
const inhabitants: readonly Inhabitant[] = [[1], [1, 2]].flatMap((siteIds, kind) =>
  Array.from({ length: rounds }, (_none, round) => ({ externalId: 1000 * (kind + 1) + round, siteIds })),
);

let stage: Stage;
let instances: readonly [Instance, Instance];
beforeAll(async () => {
  stage = await buildStage(inhabitants);
});
afterAll(() => stage.close());
beforeEach(async () => {
  const env = await stage.reset();
  instances = [await startInstance(env), await startInstance(env)];
});
afterEach(async () => {
  for (const { stop } of instances) await stop();
});

/** A browser as far as the OAuth server lets it. */
const atTheDoor = async ({ externalId }: Inhabitant) => {
  const visitor = aVisitor();
  const flow = { apiUrl: instances[0].url, oauthUrl: stage.proxy.url, siteId: 1, redirectUrl: 'https://city.example/' };
  const digest = await upToDigest(visitor, flow, externalId);
  return () => visitor.open(digest, { connection: 'close' });
};

describe('a login, and at the same moment in another instance', () => {
  it.each(deedNames)(
    '%s of the same person: both are answered truly, and at rest all agrees',
    async (name: DeedName) => {
      const odd: string[] = [];
      const done: Parameters<typeof lostDeeds>[1][number][] = [];
      for (const [round, one] of inhabitants.entries()) {
        const at = stage.settled.get(one.externalId)?.[0] ?? { id: 0, siteId: 1 };
        const enter = await atTheDoor(one);
        const perform = async () => {
          await pause((round % rounds) * 12);
          return instances[1].call(operations[name].request(at, mailOf(one.externalId), 'first'));
        };

        const [entered, answer] = await Promise.all([enter(), perform()]);

        done.push({ name, mark: 'first', at, answer });
        if (!isTrueAnswer(name, answer)) odd.push(`${name}: ${answer.status} ${answer.text}`);
        const mayBe = entered.status === 302 || /person-being-removed|login-refused/.test(entered.text);
        if (!mayBe) odd.push(`login: ${entered.status} ${entered.text}`);
      }
      const { container } = instances[0];
      await comeToRest(container);

      expect(odd).toEqual([]);
      expect(await lostDeeds(container, done)).toEqual([]);
      expect(await disagreements(container, stage.oauth().people(), new Set())).toEqual([]);
    },
  );
});
