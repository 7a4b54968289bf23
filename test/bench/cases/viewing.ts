import type { Shot } from '../children/drive.ts';
import { get, userPath, type Case, type Setting } from './case.ts';
import { oneUser } from './statements.ts';

/** As many for each way of viewing, so that the ways can be compared. */
const targets = 50;
const site = 3;
const usersOf = ({ shape }: Pick<Setting, 'shape'>): readonly number[] =>
  Array.from({ length: Math.min(targets, shape.usersAt(site)) }, (_none, place) => shape.userAt(site, place));

/** Somebody else each time, by a fixed token. */
export const viewsOf = (setting: Setting): readonly Shot[] =>
  usersOf(setting).map((id) => get(userPath(site, id), setting.as('admin')));

const byFixedToken: Case = {
  name: 'view-fixed',
  title: 'view, fixed token',
  plan: async (setting) => {
    const users = usersOf(setting);
    return { shots: viewsOf(setting), dealing: 'all', floor: (shot) => [oneUser(users[shot] ?? 1)] };
  },
};

const bySession: Case = {
  name: 'view-session',
  title: 'view of oneself, session token',
  plan: async (setting) => {
    const users = usersOf(setting);
    const shots = await Promise.all(users.map(async (id) => get(userPath(site, id), await setting.session(id))));
    return { shots, dealing: 'all', floor: (shot) => [oneUser(users[shot] ?? 1)] };
  },
};

const me: Case = {
  name: 'me',
  title: '/me',
  plan: async (setting) => {
    const users = usersOf(setting);
    const path = `/oauth/site/${site}/me`;
    const shots = await Promise.all(users.map(async (id) => get(path, await setting.session(id))));
    const [first] = shots;
    const reply = first === undefined ? null : await setting.ask(first);
    if (reply?.status !== 200) return 'not there yet';
    return { shots, dealing: 'all', floor: (shot) => [oneUser(users[shot] ?? 1)] };
  },
};

export const viewing: readonly Case[] = [byFixedToken, bySession, me];
