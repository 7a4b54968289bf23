import { dispositionOf, isOpenTo, personalColumns } from '../../src/activity-types/definition.ts';
import { activityTypes, byActivity, eachActivity } from '../../src/activity-types/index.ts';
import type { Role } from '../../src/domain/actor.ts';
import { personalTables } from '../../src/side-tables/index.ts';
import { changeSetOf } from '../../src/use-cases/anonymization/planned-side-rows.ts';
import { recordedRows } from '../support/recorded-database.ts';

it('the list holds the four kinds, each with its label', () => {
  expect(byActivity(({ label }) => label)).toEqual({
    ideas: 'inzending',
    articles: 'artikel',
    arguments: 'reactie',
    votes: 'stem',
  });
});

it('one question to each is one entry for each', async () => {
  await expect(eachActivity((type) => Promise.resolve(type.name))).resolves.toEqual({
    ideas: 'idea',
    articles: 'article',
    arguments: 'argument',
    votes: 'vote',
  });
});

describe.each(activityTypes)('$plural', (type) => {
  it('has the columns that an OpenStad database has', async () => {
    const row = (await recordedRows('openstad-api-database')).get(type.table)?.[0] ?? {};
    expect(Object.keys(type.columns)).toEqual(Object.keys(row));
  });

  it('shows nothing personal and nothing deleted', () => {
    const shown = Object.entries(type.columns).filter(([, column]) => column.shown);
    expect(shown.filter(([, column]) => column.personal)).toEqual([]);
    expect(shown.map(([name]) => name)).not.toContain('deletedAt');
  });

  it('has a line for an activity list, also where the text is missing', () => {
    const row = { id: 1, userId: 2, createdAt: new Date(0), deletedAt: null };
    expect(type.line(row)).toBe('');
    expect(type.line({ ...row, title: 'Titel', description: 'Tekst', opinion: 'yes' })).toBe(
      { idea: 'Titel', article: 'Titel', argument: 'Tekst', vote: 'yes' }[type.name],
    );
  });

  it('anonymizes something only where there is something personal to strip', () => {
    const dispositions = [true, false].map((votingIsActive) => type.whenAnonymized({ votingIsActive }));
    expect(dispositions.includes('anonymize')).toBe(personalColumns(type).length > 0);
  });
});

describe('who is neither owner nor moderator', () => {
  const seenBy = (role: Role, idea: { viewableByRole: string | null } | null, votesAreViewable = true) =>
    activityTypes.filter((type) => isOpenTo(role, type, { votesAreViewable, idea })).map(({ plural }) => plural);
  const all = activityTypes.map(({ plural }) => plural);

  it('sees what stands under an idea that their role may see, and articles', () => {
    expect(seenBy('all', { viewableByRole: null })).toEqual(all);
    expect(seenBy('member', { viewableByRole: 'member' })).toEqual(all);
    expect(seenBy('all', { viewableByRole: 'member' })).toEqual(['articles']);
    expect(seenBy('admin', { viewableByRole: 'nobody at all' })).toEqual(['articles']);
  });

  it('sees nothing under an idea that is gone', () => {
    expect(seenBy('admin', null)).toEqual(['articles']);
  });

  it('sees votes only where the site shows them', () => {
    expect(seenBy('member', { viewableByRole: 'all' }, false)).toEqual(['ideas', 'articles', 'arguments']);
  });
});

describe('anonymizing', () => {
  const dispositions = (votingIsActive: boolean) => byActivity((type) => type.whenAnonymized({ votingIsActive }));

  it('removes votes while voting is active, else anonymizes them of their address; texts are kept by design', () => {
    expect(dispositions(true)).toEqual({ ideas: 'keep', articles: 'keep', arguments: 'keep', votes: 'remove' });
    expect(dispositions(false)).toEqual({ ideas: 'keep', articles: 'keep', arguments: 'keep', votes: 'anonymize' });
    expect(personalColumns(activityTypes[3])).toEqual(['ip']);
  });

  it('removes soft-deleted votes whatever the voting', () => {
    expect(byActivity((type) => type.whenHidden)).toEqual({
      ideas: 'keep',
      articles: 'keep',
      arguments: 'keep',
      votes: 'remove',
    });
  });
});

describe('every table of people', () => {
  it('is declared once', () => {
    const names = personalTables.map(({ table }) => table);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(activityTypes.map(({ table }) => table)));
  });

  it.each(personalTables.map((table) => [table.table, table] as const))(
    'a soft-deleted row of %s goes with the others, else as its kind says',
    (_name, table) => {
      for (const votingIsActive of [true, false]) {
        const [seen, hidden] = [false, true].map((isHidden) => dispositionOf(table, { votingIsActive }, isHidden));
        expect(hidden).toBe(seen === 'remove' ? 'remove' : table.whenHidden);
      }
    },
  );

  it.each(personalTables.map((table) => [table.table, table] as const))(
    'of %s each user’s rows lose what their own site says',
    (_name, table) => {
      const rows = [true, false].map((votingIsActive, at) => ({ user: { id: at + 1 }, votingIsActive }));
      const idsOf = (isMeant: (row: (typeof rows)[number]) => boolean) =>
        rows.filter(isMeant).map(({ user }) => user.id);
      expect(changeSetOf(table, rows)).toEqual({
        removeAllOf: idsOf((row) => table.whenAnonymized(row) === 'remove'),
        removeHiddenOf: idsOf((row) => table.whenAnonymized(row) !== 'remove' && table.whenHidden === 'remove'),
        anonymizeOf: idsOf((row) => table.whenAnonymized(row) === 'anonymize'),
      });
    },
  );
});
