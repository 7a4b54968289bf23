import { rareBearers, rareName } from '../city/names.ts';
import type { Shot } from '../children/drive.ts';
import { get, type Setting } from './case.ts';

/** A search for whom few are, as it is typed: the beginning of the name, in another case. */
export const searchFor = (siteId: number, { as }: Pick<Setting, 'as'>): Shot =>
  get(`/api/site/${siteId}/user?page=0&q=${rareName.slice(0, 12).toUpperCase()}`, as('admin'));

/** What finds nobody is fast. */
export const mustFindAllBearers = async ({ ask }: Pick<Setting, 'ask'>, shot: Shot): Promise<void> => {
  const { status, text } = await ask(shot);
  const found = text.split(`"lastName":"${rareName}"`).length - 1;
  if (status !== 200 || found !== rareBearers)
    throw new Error(`${status}: a search finds ${found} of the ${rareBearers} who bear a name`);
};
