import { activityTypes, type ActivityPlural } from '../../activity-types/index.ts';
import type { ActivityType } from '../../activity-types/definition.ts';
import { exactTexts } from '../../domain/json.ts';
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
import { jsonArray, listText, valueText } from './user-records.ts';

/** The summary, and what it would look like; as JSON in pieces, with others' turns between the rows. Source: people.md §2. */
export async function* changesText(
  summary: AnonymizationSummary,
  { rows, stays, goes }: AnonymizationChanges,
): AsyncGenerator<string> {
  const numbers = JSON.stringify(shownSummary({ ...summary, oauth: null }));
  yield `${numbers.slice(0, -1)},"rows":`;
  yield* firstText(rows, rowText);
  let before = ',"stays":{';
  for (const type of activityTypes.filter(({ listed }) => listed === 'what-stays')) {
    yield `${before}"${type.plural}":`;
    yield* firstText(stays[type.plural], (one) =>
      JSON.stringify({ ...contributionBody(type, one), shownAs: one.shownAs }),
    );
    before = ',';
  }
  yield '}';
  for (const type of activityTypes.filter(({ listed }) => listed === 'what-goes')) {
    const contributionJson = (one: ConcernedContribution): string => JSON.stringify(contributionBody(type, one));
    yield `,"${type.plural}":{"stays":`;
    yield* firstText(stays[type.plural], contributionJson);
    yield ',"goes":';
    yield* firstText(goes[type.plural], contributionJson);
    yield '}';
  }
  const sentence = summary.oauth === null ? null : oauthSentences[summary.oauth];
  yield `,"oauth":${JSON.stringify({ fate: summary.oauth, sentence })}}`;
}

type Kind = ActivityType<string, ActivityPlural>;

/** What becomes of the person at the OAuth server. Why somebody is kept would say where else they are. */
export const oauthSentences = {
  removed: 'The person is removed at the OAuth server, unless they are needed there for something else.',
  kept: 'Nothing is removed at the OAuth server but what it holds of the person for these sites only.',
} as const satisfies Readonly<Record<NonNullable<AnonymizationSummary['oauth']>, string>>;

async function* firstText<T>({ number, first }: First<T>, textOf: (one: T) => string): AsyncGenerator<string> {
  yield `{"number":${number},"first":`;
  yield* jsonArray([first], textOf);
  yield '}';
}

/** By its own title, or that of the idea under which it stands. */
const contributionBody = ({ belongsTo }: Kind, { id, site, title, idea }: ConcernedContribution): object => ({
  id,
  site: siteBody(site),
  ...(belongsTo === 'site' ? { title } : { idea: idea === null ? null : { id: idea.id, title: idea.title } }),
});

const siteBody = (site: Site | null): object | null => (site === null ? null : { id: site.id, title: site.title });

/** Values of extraData have the digits that they were given. */
const rowText = ({ user, site, changes }: ChangedRow): string => {
  const { extraData } = user;
  const shown = changes.flatMap(({ key }) => (key === undefined ? [] : [[key, extraData[key] ?? null] as const]));
  const exact = exactTexts(Object.fromEntries(shown), extraData);
  const texts = changes.map((change) => changeText(change, exact));
  return `{"id":${user.id},"site":${JSON.stringify(siteBody(site))},"changes":${listText(texts)}}`;
};

const changeText = ({ field, key, before, after }: FieldChange, exact: ReadonlyMap<string, string>): string => {
  const [name, value] = key === undefined ? ['', valueText(before)] : [`"key":${JSON.stringify(key)},`, exact.get(key)];
  return `{"field":${JSON.stringify(field)},${name}"before":${value ?? 'null'},"after":${valueText(after)}}`;
};
