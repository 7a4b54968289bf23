import Joi from 'joi';
import { isJsonObject, isNestedDeeper, type JsonObject } from '../../domain/json.ts';
import { profileFields, type ProfileField } from '../../domain/people/oauth-profile.ts';
import type { Answer } from './conversation.ts';
import { OddAnswer } from '../odd-answer.ts';
import { isBounded } from '../bounded-json.ts';
import { successOf } from './quirks.ts';
import { decoded, decodedValues } from './text.ts';

/** The door: what is not named here (password hashes, reset tokens, client secrets) does not get in. */

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
