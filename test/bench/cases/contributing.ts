import type { Items, Role } from '../city/cast.ts';
import type { Shape } from '../city/shape.ts';
import { get, userPath, type Case, type Effort, type Plan, type Setting } from './case.ts';
import { contributionsOf, countsOf } from './statements.ts';

/** 200 items. */
const twoHundred: Items = { ideas: 30, articles: 10, arguments: 60, votes: 100 };
/** 400 at each of five sites. */
const fourHundred: Items = { ideas: 15, articles: 5, arguments: 40, votes: 340 };
const site = 2;
const fiveSites = [1, 2, 3, 4, 5];

const busy = () => [{ sites: [site], items: twoHundred }];
const rowOf = ({ players }: Setting): number => players[0]?.rows[0]?.id ?? 0;

const activity: Case = {
  name: 'activity',
  title: 'activity, 200 items',
  cast: busy,
  plan: async (setting) => reading(setting, `/activity`, contributionsOf(rowOf(setting))),
};
const preview: Case = {
  name: 'will-anonymize',
  title: 'will-anonymize, 200 items',
  cast: busy,
  plan: async (setting) => reading(setting, '/will-anonymize', contributionsOf(rowOf(setting))),
};
const summary: Case = {
  name: 'summary',
  title: 'will-anonymize, summary of 200 items',
  cast: busy,
  plan: async (setting) => reading(setting, '/will-anonymize?view=summary', countsOf(rowOf(setting))),
};

const reading = (setting: Setting, what: string, statements: ReturnType<typeof contributionsOf>): Plan => ({
  shots: [get(userPath(site, rowOf(setting)) + what, setting.as('admin'))],
  dealing: 'all',
  floor: () => statements,
});

/** As many people as there will be requests: nobody is anonymized twice. Some more warm up, and are counted. */
export const onceEach = ({ rounds, connections, once }: Effort): number =>
  2 * once + connections.reduce((sum, one) => sum + rounds * Math.max(one, once), 0);

const everywhere: Case = {
  name: 'do-anonymizeall',
  title: 'do-anonymizeall, 5 sites × 400 items',
  cast: (_shape, effort) => Array.from({ length: onceEach(effort) }, () => ({ sites: fiveSites, items: fourHundred })),
  plan: async ({ players, as }) => ({
    shots: players.map(({ rows }) => ({
      method: 'PUT',
      path: userPath(1, rows[0]?.id ?? 0) + '/do-anonymizeall?view=summary',
      headers: as('admin'),
    })),
    dealing: 'once',
    floor: null,
  }),
};

/** 1,000 at each of fifty sites. */
const thousandVotes: Items = { ideas: 0, articles: 0, arguments: 0, votes: 1000 };
const fiftySites = ({ size }: Shape): readonly number[] =>
  Array.from({ length: Math.min(50, size.sites) }, (_none, index) => index + 1);
const largeVoter = (shape: Shape): Role => ({ sites: fiftySites(shape), items: thousandVotes });

const largeSummary: Case = {
  name: 'summary-large',
  title: 'will-anonymizeall, summary, 50 sites × 1,000 votes',
  isLarge: true,
  cast: (shape) => [largeVoter(shape)],
  plan: async (setting) => ({
    shots: [get(`${userPath(1, rowOf(setting))}/will-anonymizeall?view=summary`, setting.as('admin'))],
    dealing: 'all',
    floor: null,
  }),
};

const largeDeed: Case = {
  name: 'do-anonymizeall-large',
  title: 'do-anonymizeall, 50 sites × 1,000 votes',
  isLarge: true,
  cast: (shape, effort) => Array.from({ length: onceEach(effort) }, () => largeVoter(shape)),
  plan: everywhere.plan,
};

export const contributing: readonly Case[] = [activity, preview, summary, everywhere, largeSummary, largeDeed];
