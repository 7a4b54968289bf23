import type { JSX } from 'preact';
import { t } from '../words/index.ts';
import { TextField } from './text-field.tsx';

/** What the program takes as the number of a ticket. Source: anonymization.md §5. */
export const isReason = (typed: string): boolean => /^[A-Za-z0-9#/_.-]{0,40}$/.test(typed);

/** The number of a ticket, which need not be there. */
export const ReasonField = ({ isWrong }: { readonly isWrong: boolean }): JSX.Element => (
  <TextField
    name="reason"
    label={t('confirm.reason')}
    hint={t('confirm.reasonHint')}
    wrong={isWrong ? t('confirm.reasonWrong') : null}
  />
);
