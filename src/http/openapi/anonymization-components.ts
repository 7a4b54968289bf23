import type { ActivityType } from '../../activity-types/definition.ts';
import { activityTypes, summaryTotals } from '../../activity-types/index.ts';
import { reference, type Schema, id, listOf, object, orNull, text } from './schema.ts';

export const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

export const count: Schema = { type: 'integer', minimum: 0 };
export const late: Schema = {
  ...count,
  description:
    'How many contributions came meanwhile or later in the name of these rows, and were taken as well. Absent: none.',
};
const counted = ['users', ...summaryTotals.map(({ name }) => name), 'hidden'];
export const siteTotals = object({ id, title: text, ...Object.fromEntries(counted.map((name) => [name, count])) }, [
  'id',
  'title',
  ...counted,
]);

const briefSite = orNull(object({ id, title: text }, ['id', 'title']));
const firstOf = (schema: Schema): Schema => ({
  ...object({ number: count, first: listOf(schema) }, ['number', 'first']),
  description: 'How many there are, and the first hundred of them by id.',
});
const titled = ({ belongsTo }: ActivityType, beside: Readonly<Record<string, Schema>> = {}): Schema => {
  const own =
    belongsTo === 'site' ? { title: orNull(text) } : { idea: orNull(object({ id, title: text }, ['id', 'title'])) };
  const properties = { id, site: briefSite, ...own, ...beside };
  return object(properties, Object.keys(properties));
};
const kindsListed = (listed: ActivityType['listed']): readonly ActivityType[] =>
  activityTypes.filter((type) => type.listed === listed);
const fieldChange = object(
  {
    field: text,
    key: { ...text, description: 'Of extraData: which of its keys.' },
    before: { description: 'As the actor sees it.' },
    after: { description: 'What it becomes.' },
  },
  ['field', 'before', 'after'],
);
const anonymizationChanges = object(
  {
    digest: text,
    users: count,
    sites: listOf(siteTotals),
    late,
    rows: firstOf(object({ id, site: briefSite, changes: listOf(fieldChange) }, ['id', 'site', 'changes'])),
    stays: object(
      Object.fromEntries(
        kindsListed('what-stays').map((type) => [type.plural, firstOf(titled(type, { shownAs: orNull(text) }))]),
      ),
      kindsListed('what-stays').map(({ plural }) => plural),
    ),
    ...Object.fromEntries(
      kindsListed('what-goes').map((type) => [
        type.plural,
        object({ stays: firstOf(titled(type)), goes: firstOf(titled(type)) }, ['stays', 'goes']),
      ]),
    ),
    oauth: object({ fate: { type: ['string', 'null'], enum: ['removed', 'kept', null] }, sentence: orNull(text) }, [
      'fate',
      'sentence',
    ]),
  },
  ['digest', 'users', 'sites', 'rows', 'stays', ...kindsListed('what-goes').map(({ plural }) => plural), 'oauth'],
);

/** What previews and anonymizing answer. */
export const anonymizationSchemas: Readonly<Record<string, Schema>> = {
  Anonymization: object(
    {
      users: listOf({ anyOf: [reference('User'), reference('UserWithoutSite')] }),
      sites: listOf(reference('SiteSummary')),
      ...Object.fromEntries(activityTypes.map((type) => [type.plural, listOf(reference(capital(type.name)))])),
      late,
    },
    ['users', 'sites', ...activityTypes.map((type) => type.plural)],
  ),
  AnonymizationSummary: object(
    {
      digest: text,
      users: count,
      sites: listOf(siteTotals),
      oauth: { type: 'string', enum: ['removed', 'kept'] },
      late,
    },
    ['digest', 'users', 'sites'],
  ),
  AnonymizationChanges: anonymizationChanges,
};
