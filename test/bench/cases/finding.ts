import { commonNames, rareName } from '../city/names.ts';
import { get, type Case, type Plan, type Setting } from './case.ts';
import { usersById } from './statements.ts';

interface Found {
  readonly records: readonly { readonly users: readonly { readonly id: number }[] }[];
}

/** The first page of people over all sites. What finds nobody is fast, so so many have to be found. */
const firstPeople = async ({ ask, as }: Setting, question: string, least: number): Promise<Plan> => {
  const shot = get(`/api/person?${question}`, as('admin'));
  const { status, text } = await ask(shot);
  const people = status === 200 ? (JSON.parse(text) as Found).records : [];
  if (people.length < least) throw new Error(`${status}: ${question} finds ${people.length}, not ${least} people`);
  const rows = people.flatMap(({ users }) => users.map(({ id }) => id));
  return { shots: [shot], dealing: 'all', floor: rows.length === 0 ? null : () => [usersById(rows)] };
};
const pageSize = 20;

export const rarePeople: Case = {
  takesTurns: true,
  name: 'people-rare',
  title: 'people over all sites, a rare name',
  plan: (setting) => firstPeople(setting, `q=${rareName.slice(0, 12)}`, Math.min(pageSize, setting.shape.size.sites)),
};
const common: Case = {
  takesTurns: true,
  name: 'people-common',
  title: 'people over all sites, a common name',
  plan: (setting) => firstPeople(setting, `q=${commonNames[0]}`, Math.min(pageSize, setting.shape.users / 200)),
};
const bothCommon: Case = {
  takesTurns: true,
  name: 'people-both-common',
  title: 'people over all sites, two common names that nobody bears together',
  plan: (setting) => firstPeople(setting, `q=${commonNames.join('+')}`, 0),
};
const address: Case = {
  takesTurns: true,
  name: 'people-address',
  title: 'people over all sites, an address',
  plan: (setting) => firstPeople(setting, 'email=bewoner-17@bench.example', 1),
};

export const finding: readonly Case[] = [rarePeople, common, bothCommon, address];
