import Joi from 'joi';
import { activityTypes, type ActivityPlural } from '../../activity-types/index.ts';
import type { ListActivityCommand } from '../../use-cases/users/commands.ts';
import { flag, isTrue, type Flag } from './flag.ts';

export type ActivityParameters = Readonly<Partial<Record<string, Flag>>>;

const parameterOf = (plural: ActivityPlural): string => `include${plural.charAt(0).toUpperCase()}${plural.slice(1)}`;

export const activityParameters = Joi.object<ActivityParameters>({
  includeOtherSites: flag.description('Default true.'),
  ...Object.fromEntries(
    activityTypes.map((type) => [
      parameterOf(type.plural),
      flag.description('Where none of these is given, all are true.'),
    ]),
  ),
});

/** None of the kinds given: all; some given: those that are true. Source: user-api.md §3 "Activity". */
export const activityOf = (query: ActivityParameters): Pick<ListActivityCommand, 'includeOtherSites' | 'kinds'> => {
  const plurals = activityTypes.map((type) => type.plural);
  const given = plurals.some((plural) => query[parameterOf(plural)] !== undefined);
  return {
    includeOtherSites: isTrue(query['includeOtherSites'] ?? '1'),
    kinds: new Set(plurals.filter((plural) => !given || isTrue(query[parameterOf(plural)] ?? '0'))),
  };
};
