import type { Items } from '../city/cast.ts';
import { get, userPath, type Case, type Effort, type Setting } from '../cases/case.ts';
import { rarePeople } from '../cases/finding.ts';
import { mustFindAllBearers, searchFor } from '../cases/searching.ts';
import { managing } from '../cases/managing.ts';
import { viewing } from '../cases/viewing.ts';

/** What is asked of a site, whatever its size: the same number of rows each time, so that all that grows is what is around them. */

const site = 2;
const listPath = `/api/site/${site}/user`;
const items: Items = { ideas: 2, articles: 1, arguments: 5, votes: 12 };
const busy = () => [{ sites: [site], items }];
const rowOf = ({ players }: Setting): number => players[0]?.rows[0]?.id ?? 0;

const view: Case = {
  name: 'view',
  title: 'view',
  plan: (setting) => viewing[0]?.plan(setting) ?? Promise.resolve('not there yet'),
};

const list: Case = {
  name: 'list',
  title: 'list by cursor',
  plan: async ({ ask, as }) => {
    const { text } = await ask(get(`${listPath}?page=0&pageSize=2`, as('admin')));
    const { metadata } = JSON.parse(text) as { readonly metadata: { readonly cursor: string } };
    const path = `${listPath}?cursor=${encodeURIComponent(metadata.cursor)}&pageSize=5`;
    return { shots: [get(path, as('admin'))], dealing: 'all', floor: null };
  },
};

const management: Case = {
  name: 'management',
  title: 'management list',
  plan: (setting) => managing[0]?.plan(setting) ?? Promise.resolve('not there yet'),
};

const search: Case = {
  name: 'search',
  title: 'search',
  plan: async (setting) => {
    const shot = searchFor(site, setting);
    await mustFindAllBearers(setting, shot);
    return { shots: [shot], dealing: 'all', floor: null };
  },
};

const people: Case = { ...rarePeople, name: 'people', title: 'people over all sites' };

const activity: Case = {
  name: 'activity',
  title: 'activity, 20 items',
  cast: busy,
  plan: async (setting) => ({
    shots: [get(`${userPath(site, rowOf(setting))}/activity`, setting.as('admin'))],
    dealing: 'all',
    floor: null,
  }),
};

const preview: Case = {
  name: 'preview',
  title: 'will-anonymize, 20 items',
  cast: busy,
  plan: async (setting) => ({
    shots: [get(`${userPath(site, rowOf(setting))}/will-anonymize`, setting.as('admin'))],
    dealing: 'all',
    floor: null,
  }),
};

const operation: Case = {
  name: 'do-anonymize',
  title: 'do-anonymize, 20 items',
  cast: (_shape, { rounds, once }: Effort) =>
    Array.from({ length: (rounds + 1) * once }, () => ({ sites: [site], items })),
  plan: async ({ players, as }) => ({
    shots: players.map(({ rows }) => ({
      method: 'PUT',
      path: `${userPath(site, rows[0]?.id ?? 0)}/do-anonymize`,
      headers: as('admin'),
    })),
    dealing: 'once',
    floor: null,
  }),
};

export const growthCases: readonly Case[] = [view, list, management, search, people, activity, preview, operation];
