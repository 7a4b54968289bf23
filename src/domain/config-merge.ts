import { pointerToken } from './extra-data-rules.ts';
import type { FieldError } from './fault.ts';
import { keepingDigitsOf } from './exact-json.ts';
import { inexact, isExactNumber, isJsonObject, sameJson, type Json, type JsonObject } from './json.ts';
import { isSecretName, mask, masked } from './masked-config.ts';

export interface MergedConfig {
  readonly config: JsonObject;
  /** Masks that stand for nothing and numbers that would become others, with JSON pointers below `/config`. */
  readonly errors: readonly FieldError[];
}

/**
 * A config with what was sent merged into it (RFC 7396): objects key by key, anything else replaced whole, null takes a key away. What is sent
 * back as it was shown, masks included, changes nothing, also deep inside and in lists. Pure; nothing is edited. Source:
 * docs/adr/0011.
 */
export const mergedConfig = (before: JsonObject, sent: JsonObject): MergedConfig => {
  const errors: FieldError[] = [];
  const config = mergedObject(before, sent, { secret: false, path: '/config', whole: false, errors });
  return { config: keepingDigitsOf(before, config), errors };
};

/** Whether what is sent at this place is the mask and not a secret. */
export const isMask = (value: Json | undefined): boolean => value === mask;

interface Place {
  /** Under a name that says so. */
  readonly secret: boolean;
  readonly path: string;
  /** Inside a list, where an object replaces another whole. */
  readonly whole: boolean;
  readonly errors: FieldError[];
}

const mergedObject = (before: JsonObject, sent: JsonObject, place: Place): JsonObject => {
  const made = new Map(place.whole ? [] : Object.entries(before));
  for (const [key, value] of Object.entries(sent)) {
    const path = `${place.path}/${pointerToken(key)}`;
    const secret = place.secret || isSecretName(key);
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    const result = mergedValue(old, value, { ...place, path, secret });
    if (result === undefined) made.delete(key);
    else made.set(key, result);
  }
  return Object.fromEntries(made);
};

/** undefined: the key goes. */
const mergedValue = (before: Json | undefined, sent: Json, place: Place): Json | undefined => {
  if (before !== undefined && sameJson(masked(before, place.secret), sent)) return before;
  if (sent === null) return place.whole || nullIsAValue.test(place.path) ? null : undefined;
  if (isJsonObject(sent)) return mergedObject(isJsonObject(before) ? before : {}, sent, place);
  if (Array.isArray(sent)) return mergedList(Array.isArray(before) ? before : [], sent, place);
  if (typeof sent === 'number' && !isExactNumber(sent)) place.errors.push({ pointer: place.path, detail: inexact });
  if (typeof sent !== 'string') return sent;
  if (place.secret && isMask(sent)) return unknownMask(sent, place);
  return addressWithMask.test(sent) ? unmaskedAddress(before, sent, place) : sent;
};

/** `claims.phoneNumber: null` says "from no claim", which is not the same as saying nothing (claim-rules.ts). */
const nullIsAValue = /^\/config\/oauth\/[^/]+\/claims\/[^/]+$/;

/**
 * A list is replaced whole. An item that is as it was shown is the old one, wherever it stands by now; any other may hold masks
 * only where the list is as long as it was, for the old item at its place: else one item's secret could become another's.
 */
const mergedList = (before: readonly Json[], sent: readonly Json[], place: Place): readonly Json[] => {
  const taken = new Set<number>();
  const shown = placesByShape(before.map((item) => masked(item, place.secret)));
  const kept = sent.map((item) => {
    const index = shown.get(shapeOf(item))?.pop();
    const old = index === undefined ? undefined : before[index];
    if (index === undefined || old === undefined) return null;
    taken.add(index);
    return { old };
  });
  return sent.map((item, index) => {
    const same = kept[index];
    if (same) return same.old;
    const old = before.length === sent.length && !taken.has(index) ? before[index] : undefined;
    return mergedValue(old, item, { ...place, path: `${place.path}/${index}`, whole: true }) ?? null;
  });
};

/** Where each value stands, the last place first; found in one step, as lists can hold a hundred thousand items. */
const placesByShape = (items: readonly Json[]): ReadonlyMap<string, number[]> => {
  const places = new Map<string, number[]>();
  for (const [index, item] of [...items.entries()].reverse()) {
    const shape = shapeOf(item);
    const there = places.get(shape);
    if (there === undefined) places.set(shape, [index]);
    else there.push(index);
  }
  return places;
};

/** One text for all that `sameJson` calls the same. */
const shapeOf = (value: Json): string =>
  JSON.stringify(value, (_key, inner: Json) =>
    isJsonObject(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );

const unknownMask = (sent: string, { errors, path }: Place): string => {
  errors.push({ pointer: path, detail: 'stands for a secret that is not known here: give the secret itself' });
  return sent;
};

const addressWithMask = /^([a-z][a-z\d+.-]*:\/\/)\*{8}@/i;
const addressWithPassword = /^([a-z][a-z\d+.-]*:\/\/)([^/?#\s]*@)([^/?#]*)/i;

/** A masked password goes back into an address of the same server only. */
const unmaskedAddress = (before: Json | undefined, sent: string, place: Place): string => {
  const old = typeof before === 'string' ? addressWithPassword.exec(before) : null;
  const now = addressWithPassword.exec(sent);
  if (old === null || now === null || old[1] !== now[1] || old[3] !== now[3]) return unknownMask(sent, place);
  return sent.replace(addressWithMask, (_whole, scheme: string) => `${scheme}${old[2] ?? ''}`);
};
