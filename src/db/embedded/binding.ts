import { embeddedDateText } from './date-text.ts';

/** Bind parameters as Sequelize hands them over (a list, or an object with `$name` keys) in the form libsql takes. */
export const boundArguments = (parameters: unknown): readonly unknown[] => {
  if (Array.isArray(parameters)) return parameters.map(bindable);
  if (typeof parameters !== 'object' || parameters === null) return [];
  const named = Object.entries(parameters).map(
    ([name, value]) => [name.replace(/^[$:@]/, ''), bindable(value)] as const,
  );
  return named.length === 0 ? [] : [Object.fromEntries(named)];
};

const bindable = (value: unknown): unknown => {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof Date ? embeddedDateText(value) : value;
};
