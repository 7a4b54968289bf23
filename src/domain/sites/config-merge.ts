import {
  keepingDigitsOf,
  shapeNumbers,
  inexact,
  isExactNumber,
  isJsonObject,
  setOwn,
  type Json,
  type JsonObject,
} from '../json.ts';
import { type FieldError, maxFaults, pointerToken } from '../fault.ts';
import { mask, maskedConfig } from './masked-config.ts';

/** Work that may be left off at each `yield`: nothing waits in here, so whoever has it done says what comes in between. */
export type Pieces<T> = Generator<undefined, T, undefined>;

export interface MergedConfig {
  readonly config: JsonObject;
  /** Masks that stand for nothing and numbers that would become others, with JSON pointers below `/config`; at most a hundred. */
  readonly errors: readonly FieldError[];
}

/**
 * A config with what was sent merged into it (RFC 7396): objects key by key, anything else replaced whole, null takes a key away. What is sent
 * back as it was shown, masks included, changes nothing, also deep inside and in lists. Pure; nothing is edited. Linear in what
 * is there and what is sent; in pieces, so that who merges may let others have their turn in between. Source: docs/adr/0011.
 */
export function* mergedConfig(before: JsonObject, sent: JsonObject): Pieces<MergedConfig> {
  const errors: FieldError[] = [];
  const merging = { numberOf: shapeNumbers('by-content'), errors };
  const old = { value: before, shown: maskedConfig(before) };
  yield;
  // Numbers are remembered, so that none has to be made while it is merged.
  const compared = Object.keys(sent).filter((key) => Object.hasOwn(before, key));
  for (const key of compared) merging.numberOf(old.shown[key] ?? null);
  yield;
  for (const key of compared) merging.numberOf(sent[key] ?? null);
  yield;
  const config = mergedObject(old, sent, { key: 'config', parent: null, whole: false, merging });
  return { config: keepingDigitsOf(before, config), errors };
}

/** Whether what is sent in its place is the mask and not a secret. */
export const isMask = (value: Json | undefined): boolean => value === mask;

/** What stands there, beside how it is shown. */
interface Old<T extends Json = Json> {
  readonly value: T;
  readonly shown: Json;
}

/** Where in the config a value stands, from below. */
interface ConfigPath {
  readonly key: string;
  readonly parent: ConfigPath | null;
  /** Inside a list, where an object replaces another whole. */
  readonly whole: boolean;
  readonly merging: { readonly numberOf: (value: Json) => number; readonly errors: FieldError[] };
}

const mergedObject = (old: Old<JsonObject>, sent: JsonObject, path: ConfigPath): JsonObject => {
  const { whole, merging } = path;
  const made: Record<string, Json> = whole ? {} : { ...old.value };
  for (const key of Object.keys(sent)) {
    const result = mergedValue(oldAt(old, key), sent[key] ?? null, { key, parent: path, whole, merging });
    if (result === undefined) Reflect.deleteProperty(made, key);
    else setOwn(made, key, result);
  }
  return made;
};

/** Below a key or an index, which both forms have. */
const oldAt = ({ value, shown }: Old, key: string | number): Old | undefined => {
  const [inner, seen] = [own(value, key), own(shown, key)];
  return inner === undefined || seen === undefined ? undefined : { value: inner, shown: seen };
};
const own = (value: Json, key: string | number): Json | undefined =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string | number, Json>>)[key]
    : undefined;

/** undefined: the key goes. */
const mergedValue = (old: Old | undefined, sent: Json, path: ConfigPath): Json | undefined => {
  const { numberOf } = path.merging;
  if (old !== undefined && numberOf(old.shown) === numberOf(sent)) return old.value;
  if (sent === null) return path.whole || isNullAValue(path) ? null : undefined;
  if (isJsonObject(sent)) return mergedObject(isOldObject(old) ? old : nothing, sent, path);
  if (Array.isArray(sent)) return mergedList(isOldList(old) ? old : noItems, sent, path);
  if (typeof sent === 'number' && !isExactNumber(sent)) note(path, inexact);
  if (typeof sent !== 'string') return sent;
  // Under any name: what it hid may have been one by its look alone.
  if (isMask(sent)) return unknownMask(sent, path);
  return addressWithMask.test(sent) ? unmaskedAddress(old?.value, sent, path) : sent;
};

const isOldObject = (old: Old | undefined): old is Old<JsonObject> => isJsonObject(old?.value);
const isOldList = (old: Old | undefined): old is Old<readonly Json[]> => Array.isArray(old?.value);
const nothing: Old<JsonObject> = { value: {}, shown: {} };
const noItems: Old<readonly Json[]> = { value: [], shown: [] };

/** `oauth.*.claims.phoneNumber: null` says "from no claim", which is not the same as saying nothing (claim-rules.ts). */
const isNullAValue = (path: ConfigPath): boolean => {
  const [config, oauth, , claims, ...field] = stepsTo(path);
  return config === 'config' && oauth === 'oauth' && claims === 'claims' && field.length === 1;
};

/** From the top on. */
const stepsTo = (path: ConfigPath): readonly string[] => {
  const steps: string[] = [];
  for (let at: ConfigPath | null = path; at !== null; at = at.parent) steps.unshift(at.key);
  return steps;
};

/** A pointer is written for what is told only: a path for every value would be as long as all the keys above it. */
const note = (path: ConfigPath, detail: string): void => {
  const { errors } = path.merging;
  if (errors.length >= maxFaults) return;
  errors.push({
    pointer: stepsTo(path)
      .map((key) => `/${pointerToken(key)}`)
      .join(''),
    detail,
  });
};

/**
 * A list is replaced whole. An item that is as it was shown is the old one, wherever it stands by now; any other may hold masks
 * only where the list is as long as it was, for the old item at its place: else one item's secret could become another's.
 */
const mergedList = (before: Old<readonly Json[]>, sent: readonly Json[], path: ConfigPath): readonly Json[] => {
  const { numberOf } = path.merging;
  const taken = new Set<number>();
  const shown = placesByNumber(before.value.map((_item, index) => numberOf(oldAt(before, index)?.shown ?? null)));
  const kept = sent.map((item) => {
    const index = shown.get(numberOf(item))?.pop();
    const old = index === undefined ? undefined : before.value[index];
    if (index === undefined || old === undefined) return null;
    taken.add(index);
    return { old };
  });
  return sent.map((item, index) => {
    const same = kept[index];
    if (same) return same.old;
    const old = before.value.length === sent.length && !taken.has(index) ? oldAt(before, index) : undefined;
    return mergedValue(old, item, { ...path, key: String(index), parent: path, whole: true }) ?? null;
  });
};

/** Where each value stands, the last place first; found in one step, as lists can hold thousands of items. */
const placesByNumber = (numbers: readonly number[]): ReadonlyMap<number, number[]> => {
  const places = new Map<number, number[]>();
  for (const [index, number] of [...numbers.entries()].reverse()) {
    const there = places.get(number);
    if (there === undefined) places.set(number, [index]);
    else there.push(index);
  }
  return places;
};

const unknownMask = (sent: string, path: ConfigPath): string => {
  note(path, 'stands for a secret that is not known here: give the secret itself');
  return sent;
};

const addressWithMask = /^([a-z][a-z\d+.-]*:\/\/)\*{8}@/i;
const addressWithPassword = /^([a-z][a-z\d+.-]*:\/\/)([^/?#\s]*@)([^/?#]*)/i;

/** A masked password goes back into an address of the same server only. */
const unmaskedAddress = (before: Json | undefined, sent: string, path: ConfigPath): string => {
  const old = typeof before === 'string' ? addressWithPassword.exec(before) : null;
  const now = addressWithPassword.exec(sent);
  if (old === null || now === null || old[1] !== now[1] || old[3] !== now[3]) return unknownMask(sent, path);
  return sent.replace(addressWithMask, (_whole, scheme: string) => `${scheme}${old[2] ?? ''}`);
};
