import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { t } from '../words/index.ts';

/** A line to type into, with its hint, and what is wrong with it, both told with the field. */
export const TextField = ({
  name,
  label,
  hint,
  wrong,
}: {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly wrong: string | null;
}): JSX.Element => {
  // A page may hold two forms that ask the same.
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint === undefined ? null : (
        <p class="quiet" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <input
        class={`utrecht-textbox utrecht-textbox--html-input${wrong === null ? '' : ' utrecht-textbox--invalid'}`}
        id={id}
        name={name}
        type="text"
        autocomplete="off"
        spellcheck={false}
        aria-describedby={[
          ...(hint === undefined ? [] : [`${id}-hint`]),
          ...(wrong === null ? [] : [`${id}-wrong`]),
        ].join(' ')}
        aria-invalid={wrong !== null}
      />
      {wrong === null ? null : (
        <p class="wrong" id={`${id}-wrong`}>
          {wrong}
        </p>
      )}
    </div>
  );
};

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
