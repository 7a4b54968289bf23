import type { JSX } from 'preact';
import { useSites } from '../parts/choices.tsx';
import { Page } from '../parts/page.tsx';
import { t } from '../words/index.ts';

/** The sites where the one who works here is moderator or above. */
export const SitesPage = (): JSX.Element => {
  const { search, shown } = useSites('site-words');
  return (
    <Page title={t('sites.title')}>
      {search}
      <ul class="people">
        {shown.map(({ id, title }) => (
          <li key={id}>
            <h2 class="nl-heading nl-heading--level-3">
              <a class="nl-link" href={`/console/site/${id}`}>
                {title}
              </a>
            </h2>
          </li>
        ))}
      </ul>
    </Page>
  );
};
