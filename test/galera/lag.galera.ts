import type { Somebody } from '../journeys/sentences/support/people.ts';
import { user } from '../journeys/sentences/support/world.ts';
import type { Answer } from '../support/recorded-world.ts';
import { startInstances, type Instances } from './support/instances.ts';
import { mustHold } from './support/promises.ts';
import { writings } from './support/proxies.ts';

/**
 * The node of the second instance is in sync and behind: it applies something large (an import, a column that is filled), and whatever was
 * committed later waits for it. What was answered at the first instance is true at the second all the same, or it says to come back.
 */
const site = 11;
const rows = 4000;

describe.each(writings)('writing nodes: %s', (writing) => {
  let all: Instances;
  beforeAll(async () => {
    all = await startInstances(writing, { [site]: {} });
    const { nodes } = all.cluster;
    // Without a key: to apply the change of a row elsewhere, the whole table is read for each.
    await nodes[0].ask(
      `USE ${all.database}; CREATE TABLE import (number INT, text VARCHAR(50));
       INSERT INTO import SELECT seq, 'before' FROM seq_1_to_${rows}`,
    );
    await all.cluster.inSync();
  });
  afterAll(() => all.close());

  /** Somebody, anonymized at the first instance while the second's node is behind. */
  const anonymizedBehind = async (): Promise<Somebody> => {
    const person = await all.s.person({ at: { [site]: 'member' } });
    await all.cluster.inSync();
    const own = await all.calls[1]!(person.at[site]!, 'GET', user(site, person.at[site]!));
    expect(own.body).toMatchObject({ firstName: 'Noor' });
    await all.cluster.nodes[0].ask(`UPDATE ${all.database}.import SET text = CONCAT('after ', RAND())`);
    const answer = await all.calls[0]!('admin', 'PUT', `${user(site, person.at[site]!)}/do-anonymizeall`);
    expect(answer.status).toBe(200);
    return person;
  };
  const orLater = ({ status, headers }: Answer, expected: number): number =>
    status === 503 && headers.get('retry-after') !== null ? expected : status;
  const behindNow = async (): Promise<boolean> => {
    const [row] = await all.cluster.nodes[1].ask(
      `SELECT COUNT(*) AS n FROM ${all.database}.users WHERE anonymizedAt IS NULL AND siteId = ${site}`,
    );
    return Number(row?.['n']) > 0;
  };

  test('whoever was anonymized is nobody at the second instance: their token is refused, and nothing of them is shown', async () => {
    const person = await anonymizedBehind();
    const wasBehind = await behindNow();
    const id = person.at[site]!;
    const second = all.calls[1]!;
    const answers = await Promise.all([
      second(id, 'GET', user(site, id)),
      second(id, 'GET', `/oauth/site/${site}/me`),
      second(id, 'PUT', user(site, id), { city: 'Elders' }),
      second('admin', 'GET', user(site, id)),
      second('admin', 'GET', `${user(site, id)}/will-anonymizeall?view=summary`),
    ]);
    const [own, me, write, , plan] = answers;
    const planIsEmpty = plan.status === 503 || plan.body.users === 0;
    const found = [
      ...[own, me, write]
        .filter((answer) => orLater(answer, 401) !== 401)
        .map(({ status }) => `their token: ${status}`),
      ...answers.filter(({ text }) => text.includes('Noor')).map(() => 'shown by name'),
      ...(planIsEmpty ? [] : ['a plan to anonymize them']),
    ];
    expect(wasBehind || writing === 'one').toBe(true);
    await mustHold(all, { scenario: 'read where a node is behind what was answered', gone: [person], found });
  });
});
