import Joi from 'joi';
import { maxEntries, type Json, type JsonObject } from '../../domain/json.ts';
import type { AnonymizeCommand } from '../../use-cases/anonymization/commands.ts';
import { idOf } from './ids.ts';
import { malformed } from './malformed.ts';
import { reasonKeys, type WithReason } from './reason.ts';

const names = ['onlyUserIds', 'onlySiteIds'] as const;

const ids = Joi.alternatives(
  Joi.number().integer().min(1),
  Joi.string(),
  Joi.array().items(Joi.number().integer().min(1), Joi.string()),
);

/** As documented; read by `onlyOf`, which answers 400 and not 422 for what is no id. */
export const onlyBody = Joi.object({
  onlyUserIds: ids.description('A number, a text (`5` or `5,6`) or a list: only these rows of the person.'),
  onlySiteIds: ids.description(
    'The same for rows on these sites; with both: the union. Given but empty selects nothing.',
  ),
});

const view = {
  view: Joi.string()
    .valid('summary')
    .messages({ 'any.only': 'must be `summary`' })
    .description('`summary`: counts per site instead of lists.'),
};

export const onlyParameters = Joi.object<{
  readonly view?: 'summary';
  readonly onlyUserIds?: string;
  readonly onlySiteIds?: string;
}>({
  onlyUserIds: Joi.string()
    .allow('')
    .description('An id, or several with commas (or as a JSON list): only these rows of the person.'),
  onlySiteIds: Joi.string()
    .allow('')
    .description('The same for rows on these sites; with both: the union. Given but empty selects nothing.'),
  ...view,
});

export const viewParameters = Joi.object<{ readonly view?: 'summary' }>(view);

/** Of what is done, beside what is previewed: why. */
export const doBody = onlyBody.keys(reasonKeys);
export const doParameters = Joi.object<{ readonly view?: 'summary' } & WithReason>({ ...view, ...reasonKeys });

/** Which rows of the person: undefined when neither key is given. Fault `malformed-request` for what is no id. Source: anonymization.md §1. */
export const onlyOf = (given: JsonObject): AnonymizeCommand['only'] => {
  const [userIds, siteIds] = names.map((name) =>
    Object.hasOwn(given, name) ? idsOf(name, given[name] ?? null) : undefined,
  );
  if (userIds === undefined && siteIds === undefined) return undefined;
  return { userIds: userIds ?? [], siteIds: siteIds ?? [] };
};

const idsOf = (name: string, value: Json): readonly number[] => {
  const items = listOf(value);
  // Written as one text they are none of the list items that a body is measured by.
  if (items.length > maxEntries) throw malformed(name, `names more than ${maxEntries} ids`);
  const found = items.map((item) =>
    typeof item === 'number' ? idOf(String(item)) : typeof item === 'string' ? idOf(item.trim()) : null,
  );
  return found.map((id) => {
    if (id === null) throw malformed(name, 'holds something that is no id');
    return id;
  });
};

const listOf = (value: Json): readonly Json[] => {
  if (Array.isArray(value)) return value as readonly Json[];
  if (typeof value !== 'string') return [value];
  const text = value
    .trim()
    .replace(/^\[(.*)\]$/s, '$1')
    .trim();
  // As a JSON list the ids may be texts themselves.
  return text === '' ? [] : text.split(',', maxEntries + 1).map((item) => item.trim().replace(/^"(.*)"$/s, '$1'));
};
