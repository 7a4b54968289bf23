import { setTimeout as pause } from 'node:timers/promises';
import { createContainer, loggerOf, type Container } from '../../src/container.ts';
import { loadConfig } from '../../src/config/index.ts';
import { sealAudit } from '../../src/use-cases/audit/seal.ts';
import { sweepPeople } from '../../src/use-cases/person-sync/sweep-people.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { refusal, user, users } from '../journeys/sentences/support/world.ts';
import { until } from '../support/until.ts';
import { startInstances, type Instances } from './support/instances.ts';
import { mustHold } from './support/promises.ts';
import { writings } from './support/proxies.ts';

/** What three instances do by themselves, and a site that goes while somebody comes. */
const site = 11;

describe.each(writings)('writing nodes: %s', (writing) => {
  let all: Instances;
  beforeAll(async () => {
    all = await startInstances(writing, { [site]: { config: { votes: { isActive: true } } } });
  });
  afterEach(() => all.s.world.oauth.proxy.behave('pass'));
  afterAll(() => all.close());

  /** The programs' insides, one at each proxy, which do something at the same moment. */
  const atEach = async <T>(work: (container: Container) => Promise<T>): Promise<readonly T[]> => {
    const containers = all.proxies.map((proxy) => {
      const config = loadConfig({
        env: { ...all.s.world.env, LOG_LEVEL: 'silent', DATABASE_URL: proxy.url(all.database) },
      });
      return createContainer(config, { log: loggerOf(config), clock: all.s.world.clock });
    });
    try {
      return await Promise.all(containers.map(work));
    } finally {
      await Promise.all(containers.map((container) => container.close()));
    }
  };
  const people = async (count: number): Promise<readonly Somebody[]> => {
    const made: Somebody[] = [];
    for (let index = 0; index < count; index += 1) made.push(await all.s.person({ at: { [site]: 'member' } }));
    await all.cluster.inSync();
    return made;
  };

  test('what waited for the OAuth server is delivered by three instances, each message once, and sealed by three without a gap', async () => {
    const gone = await people(40);
    await all.s.world.oauth.proxy.behave('refuse');
    const answers = [];
    for (const [index, { at }] of gone.entries())
      answers.push(await all.calls[index % 3]!('admin', 'PUT', `${user(site, at[site]!)}/do-anonymizeall`));
    expect(new Set(answers.map(({ status, headers }) => `${status} ${headers.get('x-oauth-removal')}`))).toEqual(
      new Set(['200 pending']),
    );
    await all.s.world.oauth.proxy.behave('pass');
    all.s.world.oauth.proxy.forgetCalls();
    await all.s.touchOutbox();
    await all.cluster.inSync();
    await atEach(async ({ ports, deliver }) => {
      const seal = sealAudit(ports);
      for (let taken: string | null = ''; taken !== null;) {
        const [delivered] = await Promise.all([deliver(), deliver(), deliver(), seal(() => false)]);
        taken = delivered;
      }
    });

    await mustHold(all, { scenario: '40 removals delivered and sealed by 3 instances', gone });
  });

  test('a round of the sweep over forty people, by three instances: everybody is read once', async () => {
    const there = await people(40);
    const { ports, database } = all.s.world.container;
    await database.rows.persons.update({ fetchedAt: new Date(0) }, { where: { id: there.map(({ id }) => id) } });
    await all.cluster.inSync();
    const { proxy } = all.s.world.oauth;
    const reads = (): readonly number[] =>
      there.map(({ externalId }) => proxy.calls(new RegExp(`^GET .*/user/${externalId}$`)));
    const before = reads();
    await atEach(async (container) => {
      const sweep = sweepPeople(container.ports);
      for (let round = 0; round < 40; round += 1) {
        await sweep(10, () => false);
        await pause(20);
      }
    });
    await until('all were read', () => reads().every((count, index) => count > before[index]!), 90_000);

    expect(await ports.sweeps.progress()).not.toBeNull();
    const twice = reads().flatMap((count, index) => (count > before[index]! + 1 ? [`read ${count} times`] : []));
    await mustHold(all, { scenario: 'a sweep over 40 people by 3 instances', gone: [], there, found: twice });
  });

  test('a site is deleted through one instance while somebody is created there through another, twenty times', async () => {
    const settings = {
      'auth-server-url': all.s.world.oauth.url,
      'auth-client-id': 'peer-client-12',
      'auth-client-secret': 'peer-secret-12',
    };
    const found: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      let siteId = 0;
      // An instance that found the OAuth server away leaves it alone for some seconds.
      await until('a site is made', async () => {
        const made = await all.calls[0]!('admin', 'POST', '/api/site', {
          domain: `eind${round}.example.org`,
          config: { project: { projectHasEnded: true }, oauth: { default: settings } },
        });
        expect([201, 503]).toContain(made.status);
        siteId = Number(made.body.id);
        return made.status === 201;
      });
      await all.cluster.inSync();
      const email = `komt${round}@example.org`;
      const [created, deleted] = await Promise.all([
        all.calls[0]!('admin', 'POST', users(siteId), { email }),
        pause((round % 10) * 5).then(() => all.calls[1]!('admin', 'DELETE', `/api/site/${siteId}`)),
      ]);
      await all.s.emptyOutbox();
      await all.cluster.inSync();
      const rows = await all.cluster.nodes[2].ask(
        `SELECT id FROM ${all.database}.users WHERE siteId = ${siteId} AND deletedAt IS NULL`,
      );
      const isThere = all.s.world.oauth.server.people().some((person) => person.email === email);
      const isGone = deleted.status === 200;
      if (rows.length !== (isGone ? 0 : 1) || isThere === isGone)
        found.push(
          `${created.status} and ${refusal(deleted).join(' ')}: ${rows.length} rows, ${isThere ? 'there' : 'not there'}`,
        );
    }

    await mustHold(all, { scenario: 'a site deleted while somebody is created, 20 times', gone: [], found });
  });
});
