import { differenceOf } from '../../src/console/figures.ts';

const site = {
  id: 1,
  title: 'One',
  users: 1,
  ideas: 2,
  articles: 0,
  arguments: 3,
  votesRemoved: 4,
  votesKept: 1,
  hidden: 0,
};
const summary = (changed: Partial<typeof site> = {}) => ({ digest: 'd', users: 1, sites: [{ ...site, ...changed }] });

describe('what the console says has changed since somebody looked', () => {
  it('is told by site, by kind, and of votes by what becomes of them', () => {
    expect(differenceOf(summary(), summary({ arguments: 5, ideas: 1 }))).toEqual([
      {
        id: 1,
        site: 'One',
        changes: [
          { kind: 'ideas', disposition: 'renames', by: -1 },
          { kind: 'arguments', disposition: 'renames', by: 2 },
        ],
      },
    ]);
    // Voting ended meanwhile: as many votes, and nothing goes any more.
    expect(differenceOf(summary(), summary({ votesRemoved: 0, votesKept: 5 }))).toEqual([
      {
        id: 1,
        site: 'One',
        changes: [
          { kind: 'votes', disposition: 'strips', by: 4 },
          { kind: 'votes', disposition: 'goes', by: -4 },
        ],
      },
    ]);
    expect(differenceOf(summary(), summary())).toEqual([]);
  });
});
