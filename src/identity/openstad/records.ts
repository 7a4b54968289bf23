import Joi from 'joi';
import { isJsonObject, isNestedDeeper, type JsonObject, type Json } from '../../domain/json.ts';
import { profileFields, type ProfileField } from '../../domain/people/oauth-profile.ts';
import { type Answer, successOf } from './conversation.ts';
import { OddAnswer, isBounded } from '../oauth-operation.ts';

/** What the server's records hold: what is not named here (password hashes, reset tokens, client secrets) does not get in. */
export interface RoleEntry {
  /** Their row id of the OAuth client, not its client id. */
  readonly clientId: number;
  readonly roleId: number;
}
export interface RoleRow {
  readonly id: number;
  readonly name: string;
}
export interface Person extends Readonly<Partial<Record<ProfileField, string | null>>> {
  readonly id: string;
  /** Absent in old lists; never guessed, as it is replaced whole. */
  readonly extraData?: JsonObject;
  /** Only in the answer to a question by id. */
  readonly roles?: readonly RoleEntry[];
}

/** One person: the answer to by id, create and update. */
export const personOf = (answer: Answer): Person => parsed(person, answer);

/** Whose token it is: `user_id` instead of `id`, and the role at the token's client. */
export const holderOf = (answer: Answer): Person & { readonly role?: string } => {
  const { user_id: id, ...others } = parsed(tokenHolder, answer);
  return { ...others, id };
};

/** Of a list the people with exactly this address; whatever is odd about the others is theirs. */
export const peopleAt = (email: string, answer: Answer): readonly Person[] =>
  parsed(list, answer).data.flatMap((entry) =>
    isAt(email, entry) ? [parsed(person, { ...answer, json: entry })] : [],
  );

/** Of a list whose they are; whatever has no id is nobody's. */
export const idsIn = (answer: Answer): readonly string[] =>
  parsed(list, answer).data.map((entry) => {
    const id = isJsonObject(entry) ? entry['id'] : null;
    return typeof id === 'number' || typeof id === 'string' ? String(id) : '';
  });

const isAt = (email: string, entry: unknown): boolean =>
  isJsonObject(entry) && typeof entry['email'] === 'string' && decoded(entry['email']).trim().toLowerCase() === email;

export const roleTableOf = (answer: Answer): readonly RoleRow[] => parsed(roleTable, answer);

export const clientRowOf = (answer: Answer): { readonly id: number; readonly clientId: string } =>
  parsed(clientRow, answer);

/** '' counts as nothing: it cannot be written, and null is what clearing leaves. */
const textOrNull = (value: unknown): string | null => {
  if (value === null || value === '') return null;
  if (typeof value === 'string') return decoded(value);
  if (typeof value === 'number') return String(value);
  throw new Error('no text');
};

/** An object, or one written as JSON, as create and update answer it. Anything else fails: we would write over what we cannot read. */
const extraDataOf = (value: unknown): JsonObject => {
  if (value === null || value === '') return {};
  if (typeof value === 'string' && !isBounded(value)) throw new Error('a bomb');
  const read: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  if (!isJsonObject(read)) throw new Error('no object');
  // Beyond what a stack can walk: nothing of ours could write it back.
  if (isNestedDeeper(read, 500)) throw new Error('a bomb');
  return decodedValues(read);
};

const rowId = Joi.number().integer().positive();
const personal = {
  ...Object.fromEntries(profileFields.map((field) => [field, Joi.any().custom(textOrNull)])),
  extraData: Joi.any().custom(extraDataOf),
};
const person = Joi.object<Person>({
  id: rowId.cast('string').required(),
  ...personal,
  roles: Joi.array().items(Joi.object({ clientId: rowId.required(), roleId: rowId.required() })),
});
const tokenHolder = Joi.object<Omit<Person, 'id'> & { readonly user_id: string; readonly role?: string }>({
  user_id: rowId.cast('string').required(),
  role: Joi.string(),
  ...personal,
});
const list = Joi.object<{ data: readonly unknown[] }>({ data: Joi.array().required() });
const roleTable: Joi.Schema<readonly RoleRow[]> = Joi.array().items(
  Joi.object({ id: rowId.required(), name: Joi.string().required() }),
);
const clientRow = Joi.object<{ id: number; clientId: string }>({
  id: rowId.required(),
  clientId: Joi.string().required(),
});

const parsed = <T>(schema: Joi.Schema<T>, answer: Answer): T => {
  const result: Joi.ValidationResult<T> = schema.validate(successOf(answer), { stripUnknown: true });
  // Joi's own sentence quotes the value.
  if (result.error !== undefined) {
    const at = result.error.details.map((detail) => detail.path.join('.')).join(', ');
    throw new OddAnswer(`an answer that cannot be read, at ${at}`, { status: answer.status, unwell: false });
  }
  return result.value;
};

/**
 * The server takes every text for HTML, the JSON text of extraData too: it takes tags out, and an unclosed `<` swallows all that
 * follows, other keys included; entities become their characters, and `&`, `<`, `>` are stored as entities. A text that is sent with
 * these three as entities is stored as it was sent, so it comes back as it was written. Source: the recordings, "c. text".
 */
export const encoded = (text: string): string =>
  text.replace(/[&<>]/g, (sign) => entities[sign as keyof typeof entities]);
const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;' } as const;

/** What `encoded` (or the server) made of a text, and nothing else: it stores no other entity. */
const decoded = (text: string): string =>
  // What stands for an `&` last: it may begin what looks like another.
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

export const encodedValues = (extraData: JsonObject): JsonObject => inTexts(extraData, encoded);
const decodedValues = (extraData: JsonObject): JsonObject => inTexts(extraData, decoded);

/** Keys are texts as well. Recursive: whoever calls has made sure that it is no bomb. */
const inTexts = (object: JsonObject, change: (text: string) => string): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [change(key), inValue(value, change)]));
const inValue = (value: Json, change: (text: string) => string): Json => {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: Json) => inValue(item, change));
  return isJsonObject(value) ? inTexts(value, change) : value;
};

/** Why one of their columns cannot hold a text; null when it can. */
export const refusesText = (text: string): string | null => {
  if (!isStorable(text)) return unstorable;
  return encoded(text).length > columnLength
    ? `is more than the OAuth server can store (${columnLength} characters, of which & counts as five, < and > as four)`
    : null;
};

/** Why their columns cannot hold a key of extraData with its value; null when they can. */
export const refusesEntry = (key: string, value: Json): string | null => {
  const text = key + JSON.stringify(value);
  if (!isStorable(text) || halfCharacter.test(text)) return unstorable;
  return isNestedDeeper(value, deepestValue) ? 'is nested deeper than the OAuth server can store' : null;
};

const columnLength = 255;
/** Their connection speaks utf8mb3: a character beyond U+FFFF, or half a one, makes their database refuse the statement. */
const isStorable = (text: string): boolean => !/[\u{10000}-\u{10FFFF}\p{Surrogate}]/u.test(text);
const unstorable = 'holds a character that the OAuth server cannot store (an emoji, for example)';
/** As `JSON.stringify` writes one. */
const halfCharacter = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;
/** MariaDB takes JSON of 31 levels: extraData itself, the list of a site-specific key and an entry of it are three. */
const deepestValue = 28;

/** Their ids are decimal row ids. */
export const isExternalId = (text: string): boolean => /^[1-9]\d{0,17}$/.test(text);
