/**
 * Whether an answer agrees with a recorded one, of which parts were cut away: keys ("body trimmed"), the rest of long texts and lists
 * ("…<20000 characters>"), and what differs from run to run (moments, passwords, tokens, ids that were given out).
 */
export interface Circumstances {
  /** What the recording says of itself. */
  readonly note?: string | undefined;
  /** Actual ids by recorded ones. */
  readonly ids?: ReadonlyMap<number, number>;
}

/** Where they disagree; nothing when they agree. */
export const agree = (recorded: unknown, actual: unknown, how: Circumstances = {}, at = ''): readonly string[] => {
  const differs = [
    `${at}: recorded ${JSON.stringify(recorded)}, answered ${JSON.stringify(actual ?? null).slice(0, 2000)}`,
  ];
  if (typeof recorded === 'string') return textsAgree(recorded, actual, at) ? [] : differs;
  if (typeof recorded === 'number' && typeof actual === 'number') {
    const isGivenOut = /\.(total|id)$/.test(at) && (at.endsWith('total') || at.includes('roles'));
    return isGivenOut || actual === (how.ids?.get(recorded) ?? recorded) ? [] : differs;
  }
  if (Array.isArray(recorded)) {
    if (!Array.isArray(actual)) return differs;
    const rest: unknown = recorded.at(-1);
    const cut = typeof rest === 'string' ? /^…<(\d+) /.exec(rest)?.[1] : undefined;
    const shown = cut === undefined ? recorded : recorded.slice(0, -1);
    const length = cut === undefined ? recorded.length : Number(cut);
    if (actual.length !== length && how.note?.includes('to the first') !== true && !isTrimmed(how)) return differs;
    return shown.flatMap((item, index) => agree(item, actual[index], how, `${at}[${index}]`));
  }
  if (typeof recorded === 'object' && recorded !== null) {
    if (typeof actual !== 'object' || actual === null) return differs;
    const answered = actual as Readonly<Record<string, unknown>>;
    const own = Object.entries(recorded).flatMap(([key, value]) => agree(value, answered[key], how, `${at}.${key}`));
    // Nobody's role is an absent key.
    const isInvented = 'user_id' in recorded && !('role' in recorded) && 'role' in answered;
    return isInvented ? [...own, `${at}.role: not recorded, answered`] : own;
  }
  // A key that was not there was cut as null.
  return recorded === actual || (recorded === null && actual === undefined) ? [] : differs;
};

const isTrimmed = ({ note }: Circumstances): boolean => note === 'body trimmed';

const textsAgree = (recorded: string, actual: unknown, at: string): boolean => {
  if (/\.(createdAt|updatedAt)$/.test(at)) return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/.test(String(actual));
  if (typeof actual !== 'string') return false;
  if (at.endsWith('.password')) return actual.startsWith('$2');
  if (recorded === '<access token>') return actual.split('.').length === 3;
  if (/^<HTML page>|^<!DOCTYPE html>/i.test(recorded)) return /^<!doctype html>/i.test(actual);
  if (at.endsWith('.message')) return messagesAgree(recorded, actual);
  const [, shown = recorded, length] = /^(.*)…<(\d+) characters>$/s.exec(recorded) ?? [];
  return length === undefined
    ? recorded === actual
    : actual.startsWith(shown) && Array.from(actual).length === Number(length);
};

/** Statements of SQL, but for moments, passwords, ids of rows and what was cut; and for the words of another Node. */
const messagesAgree = (recorded: string, actual: string): boolean => {
  if (/ in JSON|JSON input|valid JSON/.test(recorded)) return / in JSON|JSON input|valid JSON/.test(actual);
  const [head = '', tail] = comparable(recorded).split(/…<\d+ characters>…/);
  const said = comparable(actual);
  // The first recording stops in the middle of a statement.
  if (tail === undefined) return said === head || (head.endsWith("'<hash>'") && said.startsWith(head));
  return said.startsWith(head.trimEnd()) && said.endsWith(` - ${tail.split(' - ').at(-1) ?? ''}`);
};

const comparable = (message: string): string =>
  message
    .replace(/'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}'/g, "'<moment>'")
    .replace(/'\$2[ab]\$[^']*'|'<bcrypt hash>'?/g, "'<hash>'")
    .replace(/where `id` = \d+ - ER_NO_REF/, 'where `id` = <id> - ER_NO_REF')
    .replace(/`\w+`\.`(users|user_roles)`/g, '`$1`')
    .replace(/ query: .*$/, '')
    .replace(/(`id` = )\d+/, '$1<id>');

/** A recorded body as it was sent: what was cut is made as long again. */
export const expanded = (body: unknown): unknown =>
  JSON.parse(
    JSON.stringify(body ?? {}, (key, value: unknown) => {
      if (key === 'roles' && value !== null && typeof value === 'object' && '…' in value)
        return Object.fromEntries(Array.from({ length: 70 }, (_, index) => [String(8 + index), 2]));
      if (typeof value !== 'string') return value;
      const [, shown = '', length] = /^(.*)…<(\d+) characters>$/s.exec(value) ?? [];
      if (length === undefined) return value;
      const end = key === 'email' ? '@example.org' : '';
      return shown.slice(-1).repeat(Number(length) - end.length) + end;
    }),
  ) as unknown;

/** A recorded text of a body; of those that were too long to record only their length is known, and what kind they were. */
export const cutText = (bodyText: string): string => {
  const length = Number(/^<(\d+) bytes>$/.exec(bodyText)?.[1] ?? NaN);
  if (Number.isNaN(length)) return bodyText;
  if (length === 6015) return `{"extraData":${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}}`;
  const frame = '{"extraData":{"note":""}}';
  return frame.replace('""', `"${'z'.repeat(length - frame.length)}"`);
};
