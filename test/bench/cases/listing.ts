import { rareBearers } from '../city/names.ts';
import { get, type Case, type Plan, type Setting } from './case.ts';
import { mustFindAllBearers, searchFor } from './searching.ts';
import { usersById, everybodyAt, somePage, whoAreListedTo } from './statements.ts';

const listPath = (siteId: number, query = ''): string => `/api/site/${siteId}/user${query}`;
const pageSize = 20;
/** The first sites, in turn: a benchmark of one site would measure one page in the cache. */
const sitesOf = ({ shape }: Setting): readonly number[] =>
  Array.from({ length: Math.min(10, shape.size.sites) }, (_none, index) => index + 1);

const firstPage = (setting: Setting, headers: Readonly<Record<string, string>>, floor: Plan['floor']): Plan => ({
  shots: sitesOf(setting).map((siteId) => get(listPath(siteId, `?page=0&pageSize=${pageSize}`), headers)),
  dealing: 'all',
  floor,
});

const asAdmin: Case = {
  name: 'list-admin',
  title: 'list page of 20, admin',
  plan: async (setting) => {
    const sites = sitesOf(setting);
    return firstPage(setting, setting.as('admin'), (shot) => [somePage(sites[shot] ?? 1, 0, pageSize)]);
  },
};
const asMember: Case = {
  name: 'list-member',
  title: 'list page of 20, member',
  plan: async (setting) => {
    const sites = sitesOf(setting);
    return firstPage(setting, setting.as('member'), (shot) => [whoAreListedTo(sites[shot] ?? 1, 'all', pageSize)]);
  },
};
const asVisitor: Case = {
  name: 'list-visitor',
  title: 'list page of 20, visitor',
  plan: async (setting) => {
    const sites = sitesOf(setting);
    return firstPage(setting, {}, (shot) => [whoAreListedTo(sites[shot] ?? 1, 'all', pageSize)]);
  },
};

/** Where a walk stands after so many rows: told once by a page number, however long that takes. */
const cursorAfter = async (setting: Setting, siteId: number, rows: number): Promise<string | null> => {
  const path = listPath(siteId, `?page=${Math.max(0, rows / 10 - 1)}&pageSize=10`);
  const { status, text } = await setting.ask(get(path, setting.as('admin')));
  if (status !== 200) throw new Error(`${status} on ${path}: ${text.slice(0, 200)}`);
  const { metadata } = JSON.parse(text) as { readonly metadata: { readonly cursor?: string } };
  return metadata.cursor ?? null;
};

const byCursor = async (setting: Setting, siteId: number, rows: number): Promise<Plan> => {
  const cursor = await cursorAfter(setting, siteId, rows);
  const query = cursor === null ? '?page=0' : `?cursor=${encodeURIComponent(cursor)}`;
  const { shape } = setting;
  return {
    shots: [get(listPath(siteId, `${query}&pageSize=${pageSize}`), setting.as('admin'))],
    dealing: 'all',
    floor: () => [somePage(siteId, shape.userAt(siteId, rows - 1), pageSize)],
  };
};

const cursor: Case = {
  name: 'list-cursor',
  title: 'list page of 20 by cursor, row 10 on',
  plan: (setting) => byCursor(setting, setting.shape.bigSite ?? 1, 10),
};
const deep: Case = {
  name: 'list-deep',
  title: 'list page of 20 by cursor, last rows',
  plan: (setting) => {
    const siteId = setting.shape.bigSite ?? 1;
    const last = setting.shape.usersAt(siteId) - pageSize - 10;
    return byCursor(setting, siteId, Math.max(10, last - (last % 10)));
  },
};

const everybody: Case = {
  name: 'list-all',
  title: 'list without page, a whole site',
  plan: async ({ as }) => ({ shots: [get(listPath(2), as('admin'))], dealing: 'all', floor: () => [everybodyAt(2)] }),
};

const search: Case = {
  name: 'search',
  title: 'search for a rare name',
  plan: async (setting) => {
    const sites = sitesOf(setting);
    const shots = sites.map((siteId) => searchFor(siteId, setting));
    const [first] = shots;
    if (first !== undefined) await mustFindAllBearers(setting, first);
    return { shots, dealing: 'all', floor: (shot) => [usersById(bearersAt(sites[shot] ?? 1, setting))] };
  },
};
const bearersAt = (siteId: number, { shape }: Setting): readonly number[] =>
  Array.from({ length: Math.min(rareBearers, shape.usersAt(siteId)) }, (_none, place) => shape.userAt(siteId, place));

export const listing: readonly Case[] = [asAdmin, asMember, asVisitor, cursor, deep, everybody, search];
