import Joi from 'joi';

/** A boolean in a query. Source: user-api.md §3 "Activity". */
export type Flag = '1' | '0' | 'true' | 'false';
export const flag = Joi.string().valid('1', '0', 'true', 'false');
export const isTrue = (value: Flag | undefined): boolean => value === '1' || value === 'true';
