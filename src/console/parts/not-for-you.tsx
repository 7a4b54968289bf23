import type { JSX } from 'preact';
import { t } from '../words/index.ts';
import { Page } from './page.tsx';

/** In place of a page that somebody may not see, and came to by its address: nothing is asked that would be refused. */
export const NotForYou = ({ title }: { readonly title: string }): JSX.Element => (
  <Page title={title}>
    <p>{t('problem.forbidden')}</p>
  </Page>
);
