import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { ErrorBoundary, LocationProvider, Route, Router } from 'preact-iso';
import { AnonymizePage } from './pages/anonymize.tsx';
import { FindPage } from './pages/find.tsx';
import { OperationPage } from './pages/operation.tsx';
import { PersonPage } from './pages/person.tsx';
import { ReceiptPage } from './pages/receipt.tsx';
import { Page } from './parts/page.tsx';
import { Patterns } from './parts/bar.tsx';
import { isSignedOut, loginAddress } from './session.ts';
import { language, otherLanguage, speak, t } from './words/index.ts';

/** The console: what stands on every page, and the page that the address names. */
export const App = (): JSX.Element => {
  useEffect(() => {
    document.documentElement.lang = language.value;
  }, [language.value]);
  return (
    <LocationProvider scope="/console">
      <a class="nl-skip-link nl-skip-link--visible-on-focus" href="#content">
        {t('app.skip')}
      </a>
      <Top />
      <main class="inside" id="content" tabIndex={-1}>
        {isSignedOut.value ? (
          <LogIn />
        ) : (
          <ErrorBoundary>
            <Router>
              <Route path="/console" component={FindPage} />
              <Route path="/console/person/:siteId/:userId" component={PersonPage} />
              <Route path="/console/person/:siteId/:userId/anonymize" component={AnonymizePage} />
              <Route path="/console/operation/:operationId" component={OperationPage} />
              <Route path="/console/receipt/:token" component={ReceiptPage} />
              <Route default component={Nothing} />
            </Router>
          </ErrorBoundary>
        )}
      </main>
      <Patterns />
    </LocationProvider>
  );
};

const Top = (): JSX.Element => (
  <header class="top">
    <div class="inside">
      <a class="nl-link name" href="/console">
        {t('app.name')}
      </a>
      <div class="links">
        <button
          type="button"
          class="plain"
          lang={otherLanguage.value}
          onClick={() => {
            speak(otherLanguage.value);
          }}
        >
          {languageNames[otherLanguage.value]}
        </button>
      </div>
    </div>
  </header>
);
/** Each in itself, as whoever looks for it reads it. */
const languageNames = { nl: 'Nederlands', en: 'English' } as const;

const LogIn = (): JSX.Element => (
  <Page title={t('login.title')}>
    <p>{t('login.text')}</p>
    <p>
      <a class="nl-button nl-button--primary" href={loginAddress}>
        {t('app.logIn')}
      </a>
    </p>
  </Page>
);

const Nothing = (): JSX.Element => (
  <Page title={t('nothing.title')}>
    <p>
      <a class="nl-link" href="/console">
        {t('find.title')}
      </a>
    </p>
  </Page>
);
