/**
 * An error as the log holds it: type, code, message and stack, and the same of its cause. None of its other properties: a
 * database error carries the statement and its values. Where it is one, its message quotes values too (`Duplicate entry
 * 'x@y.nl'`): quoted text is masked there, and addresses everywhere.
 */
export const errorForLog = (error: unknown): unknown => described(error, 0);

const deepestCause = 4;

const described = (error: unknown, depth: number): unknown => {
  if (typeof error !== 'object' || error === null) return typeof error === 'string' ? withoutPerson(error) : error;
  const { name, message, stack, code, cause } = error as Errorlike;
  const clean = fromDatabase(error) ? (text: string): string => withoutPerson(withoutQuotes(text)) : withoutPerson;
  return {
    type: typeof name === 'string' ? name : 'Error',
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: typeof message === 'string' ? clean(message) : '',
    ...(typeof stack === 'string' ? { stack: framesOf(stack) } : {}),
    ...(cause === undefined || depth >= deepestCause ? {} : { cause: described(cause, depth + 1) }),
  };
};

interface Errorlike {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
}

/** mysql2, libsql and Sequelize mark theirs with one of these. */
const fromDatabase = (error: object): boolean =>
  ['sql', 'sqlMessage', 'sqlState', 'rawCode', 'parent', 'original'].some((mark) => mark in error);

/** The frames only: the lines before them repeat the message. */
const framesOf = (stack: string): string =>
  (stack.match(/^[ \t]+at .*$/gm) ?? []).map((frame) => frame.trim()).join('\n');

const withoutQuotes = (text: string): string => text.replace(/'[^']*'|"[^"]*"/gs, "'…'");
const withoutPerson = (text: string): string =>
  text.replace(/[^\s'"<>()]+/g, (word) => (/[^@]@[^@]/.test(word) ? '[masked]' : word));
