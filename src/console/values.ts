import { isolated, momentOf, t } from './words/index.ts';

/** A value of a field, as people read it; empty for none. */
export const valueText = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return t(value ? 'value.yes' : 'value.no');
  if (Array.isArray(value)) return value.map((one) => isolated(valueText(one))).join(', ');
  if (typeof value === 'string') return isMoment(value) ? momentOf(value) : value;
  return JSON.stringify(value).replace(/"(?:[^"\\]|\\.)*"/gs, isolated);
};

const isMoment = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text);
