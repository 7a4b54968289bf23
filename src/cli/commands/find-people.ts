import { seenSiteOf, type Sight } from '../../domain/people/sight.ts';
import type { EntryRow } from '../../domain/users/user.ts';
import { displayName } from '../../domain/users/user-visibility.ts';
import { personEntry } from '../../http/presenters/person.ts';
import { questionOf } from '../../http/requests/people-query.ts';
import { CommandFailed, type Ending } from '../endings.ts';
import { jsonText, type Io } from '../io.ts';
import { operatorHere } from '../operator.ts';
import { tableText, type Cell } from '../table.ts';
import { withContainer } from '../with-container.ts';
import { nameOfUser } from './named-user.ts';

export interface FindOptions {
  readonly email?: string;
  readonly externalId?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** People by words, address or external id: a line for each of their rows. */
export const findPeople = (io: Io, words: readonly string[], options: FindOptions): Promise<Ending> => {
  const question = questionIn(words, options);
  return withContainer(async ({ useCases }) => {
    const actor = operatorHere();
    const part = { cursor: options.cursor ?? null };
    const { people, sight, cursor } = await useCases.findPeople({ actor, question, pageSize: options.limit, part });
    if (io.json) {
      const metadata = { pageSize: options.limit, ...(cursor === null ? {} : { cursor }) };
      await io.print(jsonText({ metadata, records: people.map((rows) => personEntry({ actor, sight }, rows)) }));
    } else if (people.length === 0) io.tell('Nobody was found.');
    else
      await io.print(
        tableText(
          io.out,
          columns,
          people.flatMap((rows) => rows.map((row) => cellsOf(sight, row))),
        ),
      );
    if (cursor !== null && !io.json) io.tell(`There may be more: add --cursor ${cursor}`);
    return 'done';
  });
};

const columns = ['person', 'name', 'email', 'role', 'site', 'last login'];
const cellsOf = (sight: Sight, row: EntryRow): readonly Cell[] => {
  const site = seenSiteOf(sight, row)?.site ?? null;
  return [
    nameOfUser(row.siteId, row.id),
    site === null ? null : displayName(row, site.config),
    row.email,
    row.role,
    site?.title ?? null,
    // 1970 means: not known.
    row.lastLogin.getTime() > 0 ? row.lastLogin : null,
  ];
};

const questionIn = (words: readonly string[], { email, externalId }: FindOptions): ReturnType<typeof questionOf> => {
  const asked = [words.length > 0, email !== undefined, externalId !== undefined].filter((isAsked) => isAsked).length;
  if (asked !== 1)
    throw new CommandFailed('Say whom to find: words, or --email, or --external-id; one of them.', 'wrong-words');
  return questionOf({
    ...(words.length > 0 ? { q: words.join(' ') } : {}),
    ...(email === undefined ? {} : { email }),
    ...(externalId === undefined ? {} : { externalUserId: externalId }),
  });
};
