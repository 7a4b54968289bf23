import request from 'supertest';
import { Fault } from '../../src/domain/fault.ts';
import type { AnonymizeCommand } from '../../src/use-cases/anonymization/commands.ts';
import { aVote, anArgument, anArticle, anIdea } from '../support/builders.ts';
import { adminToken, emptyView, lastCommand, testApp } from './support/app.ts';
import { aSite, niels } from './support/world.ts';

const one = '/api/site/1/user/7';
const site = aSite(1);

describe('anonymizing', () => {
  const lists = {
    users: [
      { user: niels(), site },
      { user: niels({ id: 8, siteId: null }), site: null },
    ],
    sites: [site],
    ideas: [anIdea({ userId: 7, siteId: 1 })],
    articles: [anArticle({ userId: 7, siteId: 1 })],
    arguments: [anArgument({ userId: 7, ideaId: 3 })],
    votes: [aVote({ userId: 7, ideaId: 3 })],
  };
  const view = { ...emptyView, lists };
  const app = () =>
    testApp({
      previewAnonymization: async ({ actor }) => ({ ...view, actor }),
      anonymizeUser: async ({ actor }) => ({
        kind: 'done',
        view: { ...view, actor },
        oauth: { removal: 'kept;reason=other-clients', values: 'pending' },
        operation: null,
        receipt: null,
      }),
    }).app;

  test('answers the six lists, the users as they were and as the actor may see them', async () => {
    const [preview, done] = [
      await request(app()).get(`${one}/will-anonymize`).set('X-Authorization', adminToken),
      await request(app()).put(`${one}/do-anonymize`).set('X-Authorization', adminToken),
    ];

    expect(Object.keys(preview.body)).toEqual(['users', 'sites', 'ideas', 'articles', 'arguments', 'votes']);
    expect(preview.body.users[0]).toMatchObject({ id: 7, email: 'niels@example.org', displayName: 'Niels Vegter' });
    expect(preview.body.users[1]).not.toHaveProperty('site');
    expect(done.body).toEqual(preview.body);
    expect(preview.text).not.toMatch(/192\.0\.2\.1|"ip"|never-shown/);
    expect(preview.headers['cache-control']).toBe('no-store');
  });

  test('tells what became of the person and of their values', async () => {
    const answer = await request(app()).post(`${one}/do-anonymizeall`).set('X-Authorization', adminToken);

    expect([answer.headers['x-oauth-removal'], answer.headers['x-oauth-values']]).toEqual([
      'kept;reason=other-clients',
      'pending',
    ]);
  });

  test.each([
    ['will-anonymize', 'previewAnonymization', 'this-site'],
    ['will-anonymizeall', 'previewAnonymization', 'all-sites'],
    ['do-anonymize', 'anonymizeUser', 'this-site'],
    ['do-anonymizeall', 'anonymizeUser', 'all-sites'],
  ])('%s asks %s for %s', async (path, story, extent) => {
    const { app: fixed, heard } = testApp();

    await request(fixed).post(`${one}/${path}`).set('X-Authorization', adminToken);

    expect(heard).toMatchObject([{ story, command: { extent, userId: 7, site: { id: 1 } } }]);
  });

  test('tells the digest of the plan, which do- can be bound to', async () => {
    const { app: fixed, heard } = testApp();
    const preview = await request(fixed).get(`${one}/will-anonymize`).set('X-Authorization', adminToken);
    const bind = (tags: string) =>
      request(fixed).put(`${one}/do-anonymize`).set('X-Authorization', adminToken).set('If-Match', tags);

    expect([preview.headers['etag'], preview.headers['x-plan-digest']]).toEqual(['"d1"', 'd1']);
    for (const tags of ['"d1"', 'W/"d1"', '"other", "d1"']) {
      await bind(tags);
      const { stillMatches } = lastCommand(heard) as unknown as AnonymizeCommand;
      expect([stillMatches?.('d1'), stillMatches?.('d2')]).toEqual([true, false]);
    }
    expect((await bind('d1')).status).toBe(400);
  });

  test('says what would be done now when that is another plan', async () => {
    const { app: fixed } = testApp({
      anonymizeUser: async () => {
        throw new Fault('plan-changed', { current: { digest: 'd2', users: 1 } });
      },
    });

    const answer = await request(fixed)
      .put(`${one}/do-anonymize`)
      .set('X-Authorization', adminToken)
      .set('If-Match', '"d1"');

    expect([answer.status, answer.body.current]).toEqual([412, { digest: 'd2', users: 1 }]);
  });

  test('answers a summary where one is asked for', async () => {
    const { app: fixed, heard } = testApp({ previewAnonymization: async () => ({ ...emptyView, lists: null }) });

    const preview = await request(fixed)
      .get(`${one}/will-anonymizeall?view=summary`)
      .set('X-Authorization', adminToken);
    await request(fixed).put(`${one}/do-anonymizeall?view=summary`).set('X-Authorization', adminToken);

    expect(preview.body).toEqual({ digest: 'd1', users: 0, sites: [], oauth: 'kept' });
    expect(lastCommand(heard)).toMatchObject({ view: 'summary' });
  });
});
