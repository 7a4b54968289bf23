import Joi from 'joi';

/** For calls that heed no query parameter; unknown ones are ignored everywhere. */
export const nothing = Joi.object<Readonly<Record<string, never>>>({});
