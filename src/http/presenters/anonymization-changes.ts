import { activityTypes, type ActivityPlural } from '../../activity-types/index.ts';
import type { ActivityType } from '../../activity-types/definition.ts';
import { exactText, type JsonObject } from '../../domain/json.ts';
import type { Site } from '../../domain/sites/site.ts';
import type {
  AnonymizationChanges,
  AnonymizationSummary,
  ChangedRow,
  ConcernedContribution,
  FieldChange,
  First,
} from '../../use-cases/anonymization/commands.ts';
import { shownSummary } from '../../use-cases/anonymization/view.ts';
import { listText, valueText } from './user-records.ts';

/** The summary, and what it would look like; as JSON. Source: people.md §2. */
export const changesText = (summary: AnonymizationSummary, changes: AnonymizationChanges): string => {
  const staying = activityTypes.filter(({ listed }) => listed === 'what-stays');
  const going = activityTypes.filter(({ listed }) => listed === 'what-goes');
  const shown = (of: 'stays' | 'goes', type: Kind): object =>
    firstOf(changes[of][type.plural], (one) => contributionBody(type, one));
  const beside = {
    stays: Object.fromEntries(
      staying.map((type) => [
        type.plural,
        firstOf(changes.stays[type.plural], (one) => ({ ...contributionBody(type, one), shownAs: one.shownAs })),
      ]),
    ),
    ...Object.fromEntries(
      going.map((type) => [type.plural, { stays: shown('stays', type), goes: shown('goes', type) }]),
    ),
    oauth: { fate: summary.oauth, sentence: summary.oauth === null ? null : sentences[summary.oauth] },
  };
  const rows = `{"number":${changes.rows.number},"first":${listText(changes.rows.first.map(rowText))}}`;
  const numbers = JSON.stringify(shownSummary({ ...summary, oauth: null }));
  return `${numbers.slice(0, -1)},"rows":${rows},${JSON.stringify(beside).slice(1)}`;
};

type Kind = ActivityType<string, ActivityPlural>;

/** What becomes of the person at the OAuth server. Why somebody is kept would say where else they are. */
const sentences = {
  removed: 'The person is removed at the OAuth server, unless they are needed there for something else.',
  kept: 'Nothing is removed at the OAuth server but what it holds of the person for these sites only.',
} as const satisfies Readonly<Record<NonNullable<AnonymizationSummary['oauth']>, string>>;

const firstOf = <T>({ number, first }: First<T>, bodyOf: (one: T) => object): object => ({
  number,
  first: first.map(bodyOf),
});

/** By its own title, or that of the idea under which it stands. */
const contributionBody = ({ belongsTo }: Kind, { id, site, title, idea }: ConcernedContribution): object => ({
  id,
  site: siteBody(site),
  ...(belongsTo === 'site' ? { title } : { idea: idea === null ? null : { id: idea.id, title: idea.title } }),
});

const siteBody = (site: Site | null): object | null => (site === null ? null : { id: site.id, title: site.title });

const rowText = ({ user, site, changes }: ChangedRow): string => {
  const texts = changes.map((change) => changeText(change, user.extraData));
  return `{"id":${user.id},"site":${JSON.stringify(siteBody(site))},"changes":${listText(texts)}}`;
};

/** A value of extraData with the digits that it was given. */
const changeText = ({ field, key, before, after }: FieldChange, extraData: JsonObject): string => {
  const name = `"field":${JSON.stringify(field)}`;
  if (key === undefined) return `{${name},"before":${valueText(before)},"after":${valueText(after)}}`;
  const quoted = JSON.stringify(key);
  const value = exactText({ [key]: extraData[key] ?? null }, extraData).slice(quoted.length + 2, -1);
  return `{${name},"key":${quoted},"before":${value},"after":${valueText(after)}}`;
};
