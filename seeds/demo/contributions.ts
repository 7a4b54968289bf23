import type { ActivityRow } from '../../src/activity-types/definition.ts';
import type { ByActivity } from '../../src/activity-types/index.ts';
import type { UserRow } from '../../src/domain/users/user.ts';
import { argumentTexts, articleTexts, ideaTexts } from './texts.ts';

export type Contributions = ByActivity<readonly ActivityRow[]>;

/** Spread over a site's users by arithmetic, so that every start makes the same world. Every column of the tables is there. */
export const contributionsOf = (users: readonly UserRow[]): Contributions => {
  const atSite = (siteId: number): readonly UserRow[] => users.filter((user) => user.siteId === siteId);
  const someone = (siteId: number, turn: number): number => atSite(siteId).at(turn % atSite(siteId).length)?.id ?? 0;
  const ideas = ideaTexts.map(([siteId, title, summary, description], at) => ({
    ...unmoderated,
    ...stamps(siteId, at, 1),
    id: 1 + at,
    siteId,
    userId: someone(siteId, at),
    title,
    summary,
    description,
    startDate: stamps(siteId, at, 1).createdAt,
    typeId: null,
    status: siteId === 4 ? 'DONE' : siteId === 3 ? 'CLOSED' : 'OPEN',
    viewableByRole: at === 5 ? 'moderator' : 'all',
    budget: at % 3 === 0 ? 5000 * (at + 1) : null,
    publishDate: stamps(siteId, at, 1).createdAt,
  }));
  return {
    ideas,
    articles: articleTexts.map(([siteId, title, summary, description], at) => ({
      ...unmoderated,
      ...stamps(siteId, at, 20),
      id: 1 + at,
      siteId,
      userId: someone(siteId, at),
      title,
      summary,
      description,
      startDate: stamps(siteId, at, 20).createdAt,
      status: 'OPEN',
    })),
    arguments: ideas.flatMap((idea, at) => argumentsOn(idea, at, (turn) => someone(idea.siteId, turn))),
    votes: ideas.flatMap((idea, at) => votesOn(idea, at, atSite(idea.siteId))),
  };
};

type Idea = Pick<ActivityRow, 'id'> & { readonly siteId: number };

/** Two arguments an idea, and on every third one a reply to the first. */
const argumentsOn = (idea: Idea, at: number, someone: (turn: number) => number): readonly ActivityRow[] =>
  [0, 1, 2].slice(0, at % 3 === 0 ? 3 : 2).map((turn) => ({
    ...stamps(idea.siteId, at, 40 + turn),
    id: 1 + at * 3 + turn,
    parentId: turn === 2 ? 1 + at * 3 : null,
    ideaId: idea.id,
    userId: someone(at + 1 + turn * 2),
    sentiment: turn === 1 ? 'against' : 'for',
    description: argumentTexts[(at + turn) % argumentTexts.length] ?? '',
    label: null,
  }));

const votesOn = (idea: Idea, at: number, users: readonly UserRow[]): readonly ActivityRow[] =>
  users.flatMap((user, turn) => {
    if ((turn * 7 + at * 3) % 5 > 1) return [];
    const vote = {
      ...stamps(idea.siteId, at, 60 + turn),
      id: 1 + at * 40 + turn,
      ideaId: idea.id,
      userId: user.id,
      confirmed: null,
      confirmReplacesVoteId: null,
      // From the block that is set aside for examples (RFC 5737).
      ip: `192.0.2.${1 + ((at * 40 + turn) % 250)}`,
      opinion: turn % 4 === 3 ? 'no' : 'yes',
      checked: null,
    };
    // A few were taken back: an anonymization counts these as hidden.
    return [turn % 9 === 4 ? { ...vote, deletedAt: new Date(vote.createdAt.getTime() + 86_400_000) } : vote];
  });

/** What ideas and articles have in common, apart from their texts. */
const unmoderated = {
  sort: 1,
  extraData: {},
  location: null,
  modBreak: null,
  modBreakUserId: null,
  modBreakDate: null,
} as const;

const firstYear: Readonly<Record<number, number>> = { 1: 2024, 2: 2024, 3: 2023, 4: 2022 };

interface Stamps {
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly deletedAt: Date | null;
}

const stamps = (siteId: number, at: number, hours: number): Stamps => {
  const month = siteId === 3 ? 9 : 3;
  const createdAt = new Date(Date.UTC(firstYear[siteId] ?? 2024, month, 2 + at, 9 + hours, (at * 11) % 60));
  return { createdAt, updatedAt: createdAt, deletedAt: null };
};
