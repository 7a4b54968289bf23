import type { JSX } from 'preact';
import { Page } from '../parts/page.tsx';
import { sitesOfOwn } from '../session.ts';
import { t } from '../words/index.ts';

/** The sites where the one who works here is moderator or above. */
export const SitesPage = (): JSX.Element => (
  <Page title={t('sites.title')}>
    <ul class="people">
      {sitesOfOwn().map(({ id, title }) => (
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
