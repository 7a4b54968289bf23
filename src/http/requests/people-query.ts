import Joi from 'joi';
import type { FindPeopleCommand, PeopleQuestion } from '../../use-cases/people/find-people.ts';
import { pageNumber, soughtWords } from './list-query.ts';
import { malformed } from './validate.ts';

/** As it stands in the address. Source: people.md §1. */
export interface PeopleParameters {
  readonly q?: string;
  readonly email?: string;
  readonly externalUserId?: string;
  readonly page?: string;
  readonly pageSize?: string;
  readonly cursor?: string;
}
const sizeSaid = 'must be a number from 1 to 100';
export const peopleParameters = Joi.object<PeopleParameters>({
  q: Joi.string()
    .allow('')
    .description(
      'Every word must begin a word of what one of their rows shows: names, and the e-mail address where the details are seen; case and accents do not count. At most 10 words of 64 letters.',
    ),
  email: Joi.string().max(255).description('Exactly this address, but for its case.'),
  externalUserId: Joi.string()
    .max(191)
    .description('Exactly this id at the OAuth server, at sites where the actor is admin.'),
  page: pageNumber(
    'From 0, with the total. It ends at the 1,000th at most: further on goes `cursor`. Without it and `cursor`: the first page of a walk, which counts nobody.',
  ),
  pageSize: Joi.string()
    .pattern(/^(?:[1-9]\d?|100)$/)
    .messages({ 'string.pattern.base': sizeSaid, 'string.empty': sizeSaid })
    .meta({
      swagger: { type: 'integer', minimum: 1, maximum: 100, default: 20, description: 'How many a page.' },
      swaggerOverride: true,
    }),
  cursor: Joi.string()
    .max(4096)
    .description('From `metadata.cursor`: goes on where that page ended. Its absence is the end.'),
});

/** Fault `malformed-request` for none of them, or several. */
export const questionOf = ({ q, email, externalUserId }: PeopleParameters): PeopleQuestion => {
  const [asked, ...others] = [q, email, externalUserId].filter((one) => one !== undefined);
  if (asked === undefined || others.length > 0)
    throw malformed('q', 'is asked, or email, or externalUserId: one of them');
  if (email !== undefined) return { by: 'address', address: email };
  if (externalUserId !== undefined) return { by: 'external-id', externalId: externalUserId };
  const words = soughtWords(q, undefined, true);
  if (words.length === 0) throw malformed('q', 'is blank');
  return { by: 'words', words };
};

/** A cursor goes before a page number. Fault `malformed-request` for a page that is too deep. */
export const partOf = ({
  page,
  pageSize = '20',
  cursor,
}: PeopleParameters): Pick<FindPeopleCommand, 'part' | 'pageSize'> => {
  const size = Number(pageSize);
  if (cursor !== undefined) return { part: { cursor }, pageSize: size };
  // A total costs what all have who bear the word: whoever wants it asks for a page by its number.
  if (page === undefined) return { part: { cursor: null }, pageSize: size };
  if (Number(page) > deepestPage(size))
    throw malformed(
      'page',
      `ends beyond the ${maxNumbered}th: go on with cursor, from metadata.cursor of the page before`,
    );
  return { part: { page: Number(page) }, pageSize: size };
};

const maxNumbered = 1000;
export const deepestPage = (pageSize: number): number => Math.floor(maxNumbered / pageSize) - 1;
