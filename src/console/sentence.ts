import type { AnonymizationChanges, AnonymizationSummary } from '../client/index.ts';
import { type Change, namesShown, sumOf, togetherOf } from './figures.ts';
import { listOf, t } from './words/index.ts';

type Disposition = AnonymizationChanges['oauth']['fate'];

/** What would happen to somebody, in one go: behind their name. Parts that say of nothing are left out. */
export const sentenceOf = ({ sites }: AnonymizationSummary, changes: AnonymizationChanges): readonly string[] => {
  const together = togetherOf({ digest: '', users: 0, sites });
  const renamed = together.filter(({ disposition }) => disposition === 'renames');
  const n = sumOf(together, 'renames');
  const what = renamed.map((figure) => t(`many.${figure.kind}`, { n: figure.n }));
  const names = listOf(namesShown(changes).map((name) => t('preview.sentence.quoted', { name })));
  const parts: readonly (string | null)[] = [
    n === 0 ? null : t('preview.sentence.stays', { what: listOf(what), n, names }),
    said('preview.sentence.votesGo', sumOf(together, 'goes')),
    said('preview.sentence.votesStay', sumOf(together, 'strips')),
    said('preview.sentence.hidden', sumOf(together, 'hides')),
    together.length === 0 ? t('preview.none') : null,
    accountSentence(changes.oauth.fate),
  ];
  return parts.filter((part) => part !== null);
};

const said = (
  name: 'preview.sentence.votesGo' | 'preview.sentence.votesStay' | 'preview.sentence.hidden',
  n: number,
): string | null => (n === 0 ? null : t(name, { n }));

export const accountSentence = (disposition: Disposition): string | null => {
  if (disposition === null) return null;
  return t(disposition === 'removed' ? 'preview.sentence.removed' : 'preview.sentence.kept');
};

/** So many more or fewer of a kind: `+2 arguments`; of votes also what becomes of them: `−1 vote (goes)`. */
export const byText = ({ kind, disposition, by }: Change): string => {
  const n = Math.abs(by);
  const what = kind === 'votes' && disposition !== null ? ` (${t(`preview.disposition.${disposition}`, { n })})` : '';
  return `${by > 0 ? '+' : '−'}${t(`many.${kind}`, { n })}${what}`;
};
