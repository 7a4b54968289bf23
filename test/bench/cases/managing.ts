import { get, type Case, type Setting } from './case.ts';
import { somePage } from './statements.ts';

const list: Case = {
  name: 'management-list',
  title: 'management list, 10 people',
  plan: async (setting) => {
    const token = await tokenOf(setting);
    if (token === null) return 'not there yet';
    return {
      shots: [get('/api/v1/users?page=1&per_page=10', { authorization: `Bearer ${token}` })],
      dealing: 'all',
      floor: () => [somePage(1, 0, 10)],
    };
  },
};

/** Of a client made for it; null where there are no clients yet. Source: management-api.md §1, §3. */
const tokenOf = async ({ ask, as }: Setting): Promise<string | null> => {
  const json = { 'content-type': 'application/json' };
  const made = await ask({
    method: 'POST',
    path: '/api/client',
    headers: { ...as('admin'), ...json },
    body: JSON.stringify({ name: 'bench', scopes: ['authentication'], siteIds: [1, 2, 3] }),
  });
  if (made.status !== 201) return null;
  const { key, secret } = JSON.parse(made.text) as { readonly key: string; readonly secret: string };
  const granted = await ask({
    method: 'POST',
    path: '/oauth/token',
    headers: json,
    body: JSON.stringify({
      grant_type: 'client_credentials',
      client_id: key,
      client_secret: secret,
      scope: 'authentication',
    }),
  });
  if (granted.status !== 200) return null;
  return (JSON.parse(granted.text) as { readonly access_token: string }).access_token;
};

export const managing: readonly Case[] = [list];
