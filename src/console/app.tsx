import type { ComponentChildren, ComponentType, JSX } from 'preact';
import { useEffect, useErrorBoundary, useRef, useState } from 'preact/hooks';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso';
import { api, lookAgain } from './api.ts';
import { Failure } from './asking.tsx';
import { news } from './looking.ts';
import { AnonymizePage } from './pages/anonymize.tsx';
import { AuditPage } from './pages/audit.tsx';
import { ClientsPage } from './pages/clients.tsx';
import { DriftPage } from './pages/drift.tsx';
import { FindPage } from './pages/find.tsx';
import { OperationPage } from './pages/operation.tsx';
import { OutboxPage } from './pages/outbox.tsx';
import { PersonPage } from './pages/person.tsx';
import { ReceiptPage } from './pages/receipt.tsx';
import { RunPage } from './pages/run.tsx';
import { RunsPage } from './pages/runs.tsx';
import { SessionsPage } from './pages/sessions.tsx';
import { SitePage } from './pages/site.tsx';
import { SitesPage } from './pages/sites.tsx';
import { Patterns } from './parts/bar.tsx';
import { Gate } from './parts/gate.tsx';
import { Page } from './parts/page.tsx';
import { isAdminSomewhere, isPlatformAdmin, isSignedOut, otherTabs, session, signedOut } from './session.ts';
import { language, otherLanguage, speak, t } from './words/index.ts';

/** The console: what stands on every page, and the page that the address names. */
export const App = (): JSX.Element => {
  useEffect(() => {
    document.documentElement.lang = language.value;
  }, [language.value]);
  useEffect(() => {
    const cameBack = (): void => {
      if (document.visibilityState === 'visible') void lookAgain();
    };
    document.addEventListener('visibilitychange', cameBack);
    // A page that the browser kept whole, too.
    addEventListener('pageshow', cameBack);
    otherTabs.addEventListener('message', () => void lookAgain());
  }, []);
  return (
    <LocationProvider scope="/console">
      <a class="nl-skip-link nl-skip-link--visible-on-focus" href="#content">
        {t('app.skip')}
      </a>
      <Top />
      <main class="inside" id="content" tabIndex={-1}>
        <Gate>
          <LateNews />
          <WhateverHappens>
            <Router>
              <Route path="/console" component={FindPage} />
              <Route path="/console/person/:siteId/:userId" component={OnePerson} />
              <Route path="/console/person/:siteId/:userId/anonymize" component={OneAnonymization} />
              <Route path="/console/operation/:operationId" component={OneOperation} />
              <Route path="/console/receipt/:token" component={OneReceipt} />
              <Route path="/console/sessions" component={SessionsPage} />
              <Route path="/console/sites" component={SitesPage} />
              <Route path="/console/site/:siteId" component={OneSite} />
              <Route path="/console/runs" component={RunsPage} />
              <Route path="/console/run/:name" component={OneRun} />
              <Route path="/console/audit" component={AuditPage} />
              <Route path="/console/drift" component={DriftPage} />
              <Route path="/console/outbox" component={OutboxPage} />
              <Route path="/console/clients" component={ClientsPage} />
              <Route default component={Nothing} />
            </Router>
          </WhateverHappens>
        </Gate>
      </main>
      <Patterns />
    </LocationProvider>
  );
};

/** A page of one thing, which begins anew for another: one may jump there and back by the browser's own history. */
const ofOne = <P extends object>(Component: ComponentType<P>): ComponentType<P> =>
  function One(props) {
    return <Component key={useLocation().path} {...props} />;
  };
const OnePerson = ofOne(PersonPage);
const OneAnonymization = ofOne(AnonymizePage);
const OneOperation = ofOne(OperationPage);
const OneReceipt = ofOne(ReceiptPage);
const OneSite = ofOne(SitePage);
const OneRun = ofOne(RunPage);

/** Where a page fails itself, or its address cannot be read: says so, and goes on with the next one. */
const WhateverHappens = ({ children }: { readonly children: ComponentChildren }): JSX.Element => {
  const { url } = useLocation();
  const boundary: readonly [unknown, () => void] = useErrorBoundary((caught) => {
    reportError(caught);
  });
  const [error, forget] = boundary;
  useEffect(forget, [url]);
  if (error === undefined) return <>{children}</>;
  return (
    <Page title={t('failure.title')}>
      <Failure error={error} again={forget} />
    </Page>
  );
};

const Top = (): JSX.Element => {
  const name = isSignedOut.value ? null : session.value;
  return (
    <header class="top">
      <div class="inside">
        <a class="nl-link name" href="/console">
          {t('app.name')}
        </a>
        <div class="links">
          {name === null ? null : (
            <>
              <a
                class="nl-link"
                href="/console/sessions"
                aria-label={t('app.loggedInAs', { name: name.displayName ?? '' })}
              >
                {name.displayName ?? name.email ?? t('sessions.title')}
              </a>
              <LogOut />
            </>
          )}
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
      {name === null || name.moderates.length === 0 ? null : <Ways />}
    </header>
  );
};

/** What there is beside finding somebody, for whom it is. */
const Ways = (): JSX.Element => {
  const { path } = useLocation();
  const ways = [
    ['/console', 'find.title', true],
    ['/console/sites', 'sites.title', true],
    ['/console/runs', 'runs.title', isAdminSomewhere()],
    ['/console/audit', 'audit.title', isAdminSomewhere()],
    ['/console/drift', 'drift.title', isPlatformAdmin()],
    ['/console/outbox', 'outbox.title', isPlatformAdmin()],
    ['/console/clients', 'clients.title', isPlatformAdmin()],
  ] as const;
  return (
    <nav class="inside ways" aria-label={t('app.pages')}>
      {ways.map(([address, word, isTheirs]) =>
        isTheirs ? (
          <a key={address} class="nl-link" href={address} aria-current={path === address ? 'page' : undefined}>
            {t(word)}
          </a>
        ) : null,
      )}
    </nav>
  );
};
/** Each in itself, as whoever looks for it reads it. */
const languageNames = { nl: 'Nederlands', en: 'English' } as const;

/** Ends the session here, and leads on to where the OAuth server ends its own. */
const LogOut = (): JSX.Element => {
  const [error, setError] = useState<unknown>(null);
  const leave = async (): Promise<void> => {
    try {
      const { next } = await api.call('leaveConsole');
      // Whoever comes back to this page by the browser's own history finds nothing of anybody.
      signedOut(true);
      location.assign(next ?? '/console');
    } catch (failed) {
      setError(failed);
    }
  };
  return (
    <>
      <button type="button" class="plain" onClick={() => void leave()}>
        {t('app.logOut')}
      </button>
      {error === null ? null : <Failure error={error} />}
    </>
  );
};

/** What is over since one has gone from where it was begun. It goes with the next page. */
const LateNews = (): JSX.Element | null => {
  const { url } = useLocation();
  const told = useRef<string>(undefined);
  const { value: late } = news;
  useEffect(() => {
    if (late !== null && told.current !== undefined && told.current !== url) news.value = null;
    told.current = late === null ? undefined : url;
  }, [late, url]);
  if (late === null) return null;
  const { name, operation, why, isSure } = late;
  return (
    <div class={`utrecht-alert utrecht-alert--${why === null ? 'ok' : 'error'}`} role="status">
      <div>
        <p>{why === null ? t('news.done', { name }) : `${t(isSure ? 'news.not' : 'news.unsure', { name })} ${why}`}</p>
        {operation === null ? null : (
          <p>
            <a class="nl-link" href={`/console/operation/${operation}`}>
              {t('news.follow')}
            </a>
          </p>
        )}
      </div>
    </div>
  );
};

const Nothing = (): JSX.Element => (
  <Page title={t('nothing.title')}>
    <p>
      <a class="nl-link" href="/console">
        {t('find.title')}
      </a>
    </p>
  </Page>
);
