import { Fragment, type ComponentChildren, type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api, lookAgain, readSites } from '../api.ts';
import { Failure, useAsking, Waiting } from '../asking.tsx';
import { areSitesCut, hasEnded, isSignedOut, lastChange, loginAddress, rightsOf, session, way } from '../session.ts';
import { t } from '../words/index.ts';
import { Page } from './page.tsx';

/** Finds out who works here before anything else is shown; whoever is nobody is shown the way in. */
export const Gate = ({ children }: { readonly children: ComponentChildren }): JSX.Element => {
  const asked = useAsking((signal) => api.call('listSessions', { signal }), 'who');
  useEffect(() => {
    if (asked.state === 'answered') session.value = asked.answer;
  }, [asked.state]);
  const { url } = useLocation();
  useEffect(() => {
    // At each page: whoever has become less meanwhile is shown, and offered, less.
    void lookAgain();
  }, [url]);
  const isCut = areSitesCut();
  useEffect(() => {
    if (isCut) void readSites();
  }, [isCut]);
  const until = session.value?.expiresAt;
  useEffect(() => {
    if (until === undefined) return undefined;
    // Nothing of anybody stays on a screen that is left alone.
    const timer = setTimeout(() => void lookAgain(), Date.parse(until) - Date.now() + 1000);
    return () => {
      clearTimeout(timer);
    };
  }, [until]);
  if (isSignedOut.value) return <LogIn />;
  if (asked.state === 'failed')
    return (
      <Page title={t('login.title')}>
        <Failure error={asked.error} again={asked.again} />
      </Page>
    );
  if (session.value === null) return <Waiting>{t('login.asking')}</Waiting>;
  if (session.value.moderates.length === 0)
    return (
      <Page title={t('login.notForYou')}>
        <p>{t('login.notForYouText', { name: session.value.displayName ?? t('person.nameless') })}</p>
      </Page>
    );
  return <Fragment key={rightsOf(session.value)}>{children}</Fragment>;
};

const LogIn = (): JSX.Element => {
  const isEnded = hasEnded.value || session.value !== null;
  const change = lastChange.value;
  return (
    <Page title={t('login.title')}>
      <p>{t(isEnded ? 'login.ended' : 'login.text')}</p>
      {change === null ? null : (
        <p role="status">
          <strong>{t(`login.${change}`)}</strong>
        </p>
      )}
      {isEnded ? <p>{t('login.comeBack')}</p> : null}
      {navigator.cookieEnabled ? null : <p>{t('login.noCookies')}</p>}
      <p>
        <a class="nl-button nl-button--primary" href={loginAddress()} onClick={way.keep}>
          {t('app.logIn')}
        </a>
      </p>
    </Page>
  );
};
