import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { isolated, t, type WordName } from '../words/index.ts';

const steps = ['find', 'person', 'preview', 'confirm', 'progress', 'receipt'] as const;
export type Step = (typeof steps)[number];

/** Whether this is the first page since the browser came here: it has read that one from its top already. */
let isFirst = true;

/**
 * A page: where one is on the way, and a heading that has the focus when one comes from another page, so that a screen reader begins
 * there. It is the title of the window, too, but where it names somebody (`window`), as a browser keeps that in its history.
 */
export const Page = ({
  title,
  window = title,
  step,
  children,
}: {
  readonly title: string;
  readonly window?: string;
  readonly step?: Step;
  readonly children: ComponentChildren;
}): JSX.Element => {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isFirst) heading.current?.focus();
    isFirst = false;
  }, []);
  useEffect(() => {
    document.title = `${isolated(window)} – ${t('app.name')}`;
  }, [window, t('app.name')]);
  return (
    <>
      {step === undefined ? null : <Steps at={step} />}
      <h1 class="nl-heading nl-heading--level-1" tabIndex={-1} ref={heading}>
        {title}
      </h1>
      {children}
    </>
  );
};

/** In place of a page that somebody may not see, and came to by its address: nothing is asked that would be refused. */
export const NotForYou = ({ title }: { readonly title: string }): JSX.Element => (
  <Page title={title}>
    <p>{t('problem.forbidden')}</p>
  </Page>
);

const Steps = ({ at }: { readonly at: Step }): JSX.Element => {
  const name = (step: Step): string => t(`step.${step}` satisfies WordName);
  const now = steps.indexOf(at);
  return (
    <nav class="no-print" aria-label={t('step.all')}>
      <ol class="steps">
        {steps.map((step, index) => (
          <li key={step} aria-current={index === now ? 'step' : undefined}>
            {index + 1}. {name(step)}
          </li>
        ))}
      </ol>
      <p class="step">{t('step.short', { step: now + 1, of: steps.length, name: name(at) })}</p>
    </nav>
  );
};
