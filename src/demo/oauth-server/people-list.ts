import type { Request } from 'express';
import { isStorable } from './collation.ts';
import type { PersonRow } from './state.ts';
import type { Store } from './store.ts';
import { refuseMixedCollations, refuseSyntax } from './sql.ts';

const maxListed = 1000;

/** The newest first; with `email` whom the collation takes for that address. An empty one is no filter at all. */
export const listOfPeople = (store: Store, { query }: Request): readonly PersonRow[] => {
  if (query['clientId'] !== undefined)
    throw new Error('Undefined binding(s) detected when compiling SELECT. Undefined column(s): [clientId]');
  const email: unknown = query['email'];
  if (email === undefined || email === '') return store.everybody().toReversed().slice(0, maxListed);
  const [asked, ...others] = Array.isArray(email) ? (email as readonly unknown[]) : [email];
  if (others.length > 0) {
    const rest = others.map((one) => `'${String(one)}' order by \`id\` DESC limit ${maxListed}`).join(', ');
    refuseSyntax(`select \`users\`.* from \`users\` where \`email\` = '${String(asked)}', ${rest}`, ` ${rest}`);
  }
  if (typeof asked !== 'string') return [];
  if (!isStorable(asked)) refuseMixedCollations(asked);
  const found = store.byEmail(asked);
  return found === undefined ? [] : [found];
};
