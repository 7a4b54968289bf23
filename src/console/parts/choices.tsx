import type { JSX } from 'preact';
import { t } from '../words/index.ts';

/** One of several, or all of them. */
export const Choice = ({
  name,
  label,
  options,
}: {
  readonly name: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, text: string])[];
}): JSX.Element => (
  <div class="field">
    <label for={name}>{label}</label>
    <select class="choice" id={name} name={name}>
      <option value="">{t('audit.all')}</option>
      {options.map(([one, text]) => (
        <option key={one} value={one}>
          {text}
        </option>
      ))}
    </select>
  </div>
);

export const DayField = ({ name, label }: { readonly name: string; readonly label: string }): JSX.Element => (
  <div class="field">
    <label for={name}>{label}</label>
    <input class="utrecht-textbox utrecht-textbox--html-input" type="date" id={name} name={name} />
  </div>
);
