import request from 'supertest';
import { aVote, anArgument, anIdea } from '../support/builders.ts';
import { argument } from '../../src/activity-types/argument.ts';
import { vote } from '../../src/activity-types/vote.ts';
import type { SlicedActivity } from '../../src/use-cases/users/commands.ts';
import { lastCommand, testApp } from './support/app.ts';
import { aSite } from './support/world.ts';

const one = '/api/site/1/user/7';
const site = aSite(1);
const day = (number: number) => new Date(Date.UTC(2024, 0, number));
const summary = { id: 3, title: 'Plan', siteId: 1, status: 'OPEN', viewableByRole: null };

describe('activity', () => {
  test('holds the kinds that were asked for and all of them as lines, newest first', async () => {
    const { app } = testApp({
      listActivity: async () => ({
        sites: [site],
        kinds: {
          ideas: [
            {
              row: anIdea({ userId: 7, siteId: 1, title: '<b>Bomen</b> &amp; banken', createdAt: day(1) }),
              idea: summary,
              site,
            },
          ],
          votes: [{ row: aVote({ userId: 7, ideaId: 3, createdAt: day(3) }), idea: summary, site }],
          arguments: [
            {
              row: anArgument({ userId: 7, ideaId: 3, description: '<p>Om&shy;dat&#8230;</p>', createdAt: day(2) }),
              idea: null,
              site,
            },
          ],
        },
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
    const arguments_ = Array.from({ length: 300 }, (_none, at) => ({
      type: argument,
      row: anArgument({ id: at + 1, userId: 7, ideaId: 3, description: `Nummer ${at}`, createdAt: day(300 - at) }),
      ...{ idea: summary, site },
    }));
    const votes = [1, 2].map((id) => ({
      type: vote,
      row: aVote({ id, userId: 7, ideaId: 3, createdAt: day(2 * id) }),
      ...{ idea: null, site },
    }));
    const all = [...arguments_, ...votes].sort((one, other) => Number(other.row.createdAt) - Number(one.row.createdAt));
    const of = { all, arguments: arguments_, votes, ideas: [], articles: [] };
    const sliced: Awaited<ReturnType<SlicedActivity['inOrder']>> = async function* (kind) {
      for (let at = 0; at < of[kind].length; at += 7) yield of[kind].slice(at, at + 7);
    };
    const whole = testApp({
      listActivity: async () => ({ sites: [site], kinds: { arguments: arguments_, votes } }),
    });
    const slices = testApp({
      listActivity: async () => ({
        sites: [site],
        kinds: null,
        asked: ['arguments', 'votes'],
        inOrder: async () => sliced,
      }),
    });

    const [one, other] = await Promise.all(
      [whole, slices].map(({ app }) => request(app).get('/api/site/1/user/7/activity')),
    );

    expect([one?.headers['transfer-encoding'], other?.headers['transfer-encoding']]).toEqual([undefined, 'chunked']);
    expect(other?.text).toBe(one?.text);
    expect(other?.headers['content-type']).toBe(one?.headers['content-type']);
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
