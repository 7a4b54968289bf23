import Joi from 'joi';
import { findingKinds, type FindingKind } from '../../domain/finding.ts';
import { pageNumber, pageSizeNumber } from './page-numbers.ts';

/** As it stands in the address. */
export interface DriftParameters {
  readonly kind?: FindingKind;
  readonly page?: string;
  readonly pageSize?: string;
}

export const driftParameters = Joi.object<DriftParameters>({
  kind: Joi.valid(...findingKinds)
    .messages({ 'any.only': `must be one of ${findingKinds.join(', ')}` })
    .description('Only findings of this kind.'),
  page: pageNumber('From 0.'),
  pageSize: pageSizeNumber,
});
