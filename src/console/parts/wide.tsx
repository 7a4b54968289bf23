import type { ComponentChildren, JSX } from 'preact';

/** What scrolls in itself where there is no room; by keyboard, too. */
export const Wide = ({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <div class="wide" role="region" aria-label={label} tabIndex={0}>
    {children}
  </div>
);
