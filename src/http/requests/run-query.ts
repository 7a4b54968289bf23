import Joi from 'joi';
import type { PersonOutcome } from '../../ports/runs.ts';
import type { RunStatusCommand } from '../../use-cases/anonymization-runs/commands.ts';
import { listParameters } from './list-query.ts';

interface RunParameters {
  readonly page?: string;
  readonly pageSize?: string;
  readonly outcome?: PersonOutcome;
}

/** Which of a run's people to list; none without `page`. */
export const runParameters = Joi.object<RunParameters>({
  page: listParameters
    .extract('page')
    .meta({ swagger: { description: 'From 0. Without it people are counted only.' } }),
  pageSize: listParameters.extract('pageSize'),
  outcome: Joi.string()
    .valid('anonymized', 'left-out', 'failed')
    .messages({ 'any.only': 'must be anonymized, left-out or failed' })
    .description('Only people whom this came to.'),
});

export const peopleOf = ({ page, pageSize = '20', outcome }: RunParameters): Pick<RunStatusCommand, 'people'> => {
  if (page === undefined) return {};
  const which = outcome === undefined ? {} : { outcome };
  return { people: { page: Number(page), pageSize: Number(pageSize), ...which } };
};
