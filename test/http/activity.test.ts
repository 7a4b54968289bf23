import request from 'supertest';
import { aVote, anArgument, anIdea } from '../support/builders.ts';
import { activityTypes, type ActivityPlural } from '../../src/activity-types/index.ts';
import type { ActivityItem, ListedActivity, SlicedActivity } from '../../src/use-cases/users/commands.ts';
import { lastCommand, testApp } from './support/app.ts';
import { aSite } from './support/world.ts';

const one = '/api/site/1/user/7';
const site = aSite(1);
const day = (number: number) => new Date(Date.UTC(2024, 0, number));
const summary = { id: 3, title: 'Plan', siteId: 1, status: 'OPEN', viewableByRole: null };

type Contributed = Omit<ActivityItem, 'site' | 'type'>;
/** What is little, of kinds that each are newest first, with their latest. */
const listed = (kinds: Readonly<Partial<Record<ActivityPlural, readonly Contributed[]>>>): ListedActivity => {
  const asked = activityTypes.filter(({ plural }) => kinds[plural] !== undefined);
  const all = asked
    .flatMap((type) => (kinds[type.plural] ?? []).map((item) => ({ ...item, type, site })))
    .sort((one, other) => other.row.createdAt.getTime() - one.row.createdAt.getTime());
  return {
    ...{ sites: [site], asked: asked.map(({ plural }) => plural), isMuch: false },
    inOrder: async () => (of) => [of === 'all' ? all : all.filter(({ type }) => type.plural === of)],
  };
};

describe('activity', () => {
  test('holds the kinds that were asked for and all of them as lines, newest first', async () => {
    const { app } = testApp({
      listActivity: async () =>
        listed({
          votes: [{ row: aVote({ userId: 7, ideaId: 3, createdAt: day(3) }), idea: summary }],
          arguments: [
            {
              row: anArgument({ userId: 7, ideaId: 3, description: '<p>Om&shy;dat&#8230;</p>', createdAt: day(2) }),
              idea: null,
            },
          ],
          ideas: [
            {
              row: anIdea({ userId: 7, siteId: 1, title: '<b>Bomen</b> &amp; banken', createdAt: day(1) }),
              idea: summary,
            },
          ],
        }),
    });

    const { body, text } = await request(app).get(`${one}/activity`);

    expect(Object.keys(body)).toEqual(['sites', 'ideas', 'arguments', 'votes', 'activity']);
    expect(Object.keys(body.sites[0])).toEqual(['id', 'domain', 'title', 'createdAt', 'updatedAt']);
    expect(body.activity).toMatchObject([
      { type: { slug: 'vote', label: 'stem' }, description: 'yes', idea: summary, site: { id: 1 } },
      { type: { slug: 'argument', label: 'reactie' }, description: 'Om&shy;dat…', idea: null },
      { type: { slug: 'idea', label: 'inzending' }, description: 'Bomen & banken', idea: summary },
    ]);
    expect(body.activity).toHaveLength(3);
    expect(body.votes[0].idea).toEqual(summary);
    expect(body.ideas[0]).not.toHaveProperty('idea');
    expect(text).not.toContain('192.0.2.1');
  });

  test('of somebody who contributed much comes in slices, and is the same text', async () => {
    const little = listed({
      arguments: Array.from({ length: 60 }, (_none, at) => ({
        row: anArgument({ id: at + 1, userId: 7, ideaId: 3, description: `Nummer ${at}`, createdAt: day(300 - at) }),
        idea: summary,
      })),
      votes: [1, 2].map((id) => ({ row: aVote({ id, userId: 7, ideaId: 3, createdAt: day(2 * id) }), idea: null })),
    });
    const atOnce = await little.inOrder();
    const sliced: SlicedActivity = async function* (kind) {
      const [all = []] = atOnce(kind) as Iterable<readonly ActivityItem[]>;
      for (let at = 0; at < all.length; at += 7) yield all.slice(at, at + 7);
    };
    const whole = testApp({ listActivity: async () => little });
    const slices = testApp({ listActivity: async () => ({ ...little, isMuch: true, inOrder: async () => sliced }) });

    const [one, other] = await Promise.all(
      [whole, slices].map(({ app }) => request(app).get('/api/site/1/user/7/activity')),
    );

    expect([one?.headers['transfer-encoding'], other?.headers['transfer-encoding']]).toEqual([undefined, 'chunked']);
    expect(other?.text).toBe(one?.text);
    expect(other?.headers['content-type']).toBe(one?.headers['content-type']);
  });

  test('reads no more of it than the newest that were asked for take', async () => {
    const { inOrder, ...little } = listed({
      votes: Array.from({ length: 30 }, (_none, at) => ({
        row: aVote({ id: at + 1, userId: 7, ideaId: 3, createdAt: day(30 - at) }),
        idea: null,
      })),
    });
    const all = await inOrder();
    const read: number[] = [];
    const sliced: SlicedActivity = async function* (kind) {
      const [every = []] = all(kind) as Iterable<readonly ActivityItem[]>;
      for (let at = 0; at < every.length; at += 10) {
        read.push(at);
        yield every.slice(at, at + 10);
      }
    };
    const { app } = testApp({ listActivity: async () => ({ ...little, isMuch: true, inOrder: async () => sliced }) });

    const { body } = await request(app).get(`${one}/activity?first=15`);

    expect(Object.keys(body)).toEqual(['sites', 'activity']);
    expect([body.activity.length, read]).toEqual([15, [0, 10]]);
  });

  test.each([
    ['', ['ideas', 'articles', 'arguments', 'votes'], true],
    ['?includeOtherSites=0&includeIdeas=1&includeVotes=1', ['ideas', 'votes'], false],
    ['?includeIdeas=true&includeVotes=false', ['ideas'], true],
    ['?includeVotes=0', [], true],
    ['?includeOtherSites=false&whatever=5', ['ideas', 'articles', 'arguments', 'votes'], false],
  ])('is asked for: %s', async (query, kinds, includeOtherSites) => {
    const { app, heard } = testApp();

    await request(app).get(`${one}/activity${query}`);

    const command = lastCommand(heard);
    expect([[...(command['kinds'] as ReadonlySet<string>)], command['includeOtherSites']]).toEqual([
      kinds,
      includeOtherSites,
    ]);
  });

  test.each(['includeIdeas=yes', 'includeIdeas=', 'includeOtherSites=2', 'includeVotes=TRUE'])(
    'is refused: %s',
    async (query) => {
      const answer = await request(testApp().app).get(`${one}/activity?${query}`);

      expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, query.split('=')[0]]);
    },
  );
});
