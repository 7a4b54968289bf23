import type { JSX } from 'preact';

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
}): JSX.Element => (
  <div class="field">
    <label for={name}>{label}</label>
    {hint === undefined ? null : (
      <p class="quiet" id={`${name}-hint`}>
        {hint}
      </p>
    )}
    <input
      class={`utrecht-textbox utrecht-textbox--html-input${wrong === null ? '' : ' utrecht-textbox--invalid'}`}
      id={name}
      name={name}
      type="text"
      autocomplete="off"
      spellcheck={false}
      aria-describedby={[
        ...(hint === undefined ? [] : [`${name}-hint`]),
        ...(wrong === null ? [] : [`${name}-wrong`]),
      ].join(' ')}
      aria-invalid={wrong !== null}
    />
    {wrong === null ? null : (
      <p class="wrong" id={`${name}-wrong`}>
        {wrong}
      </p>
    )}
  </div>
);
