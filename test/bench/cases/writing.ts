import type { Case } from './case.ts';
import { userPath } from './case.ts';

const json = { 'content-type': 'application/json' };

/** More than connections, so that each has somebody of its own: two that change one person wait for each other. */
const movers = 40;

const update: Case = {
  name: 'put',
  title: 'PUT, a person on 3 sites',
  cast: () => Array.from({ length: movers }, () => ({ sites: [1, 2, 3] })),
  plan: async ({ players, as }) => ({
    shots: players.map(({ rows }) => ({
      method: 'PUT',
      path: userPath(1, rows[0]?.id ?? 0),
      headers: { ...as('admin'), ...json },
      body: '{"streetName":"[<id>]"}',
    })),
    dealing: 'share',
    floor: null,
  }),
};

const create: Case = {
  name: 'post',
  title: 'POST, a new person',
  plan: async ({ shape, as }) => ({
    shots: [
      {
        method: 'POST',
        path: `/api/site/${shape.size.sites}/user`,
        headers: { ...as('admin'), ...json },
        body: '{"email":"nieuw-[<id>]@bench.example","firstName":"Nieuw","lastName":"Hier"}',
      },
    ],
    dealing: 'all',
    floor: null,
  }),
};

export const writing: readonly Case[] = [update, create];
