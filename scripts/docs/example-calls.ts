import { aVisitor, fromConsole, logIntoConsole, upToDigest, upToReturn } from '../../test/support/visitor.ts';
import type { Player } from './play-examples.ts';

const admin = 'demo-admin';
const ofSite = (siteId: number) => ({ siteId });
const ofUser = (siteId: number, userId: number) => ({ siteId, userId });

/** The calls that are shown as examples, one of each operation, in an order in which each finds what it is about. */
export const story = async (player: Player): Promise<void> => {
  await look(player);
  await beginRun(player);
  const run = await planRun(player);
  await failAtReading(player);
  const token = await logIn(player);
  await signIn(player);
  await change(player, token);
  await failAtWriting(player);
  await anonymize(player);
  await manage(player);
  await player.call('resumeRun', { as: admin, at: firstRun });
  await player.call('resumeAnonymizationRun', { as: admin, at: { run } });
};

/** Nothing is changed yet. */
const look = async ({ call }: Player): Promise<void> => {
  await call('viewSite', { as: admin, at: ofSite(1) });
  await call('listSites', { as: admin });
  await call('listUsers', { as: admin, at: ofSite(1), query: '?page=0&pageSize=1&sort=lastName_asc' });
  await call('viewUser', { as: admin, at: ofUser(1, 101) });
  await call('listActivity', { as: admin, at: ofUser(1, 101), query: '?includeOtherSites=0&includeIdeas=1' });
  await call('findPeople', { as: admin, query: '?q=niels' });
  await call('readPerson', { as: admin, at: ofUser(1, 127) });
  await call('exportUser', { as: admin, at: ofUser(1, 127) });
  await call('listDrift', { as: admin, query: '?pageSize=1' });
  await call('listOutbox', { as: admin });
  // The demo's OAuth server is never away: nothing waits for it.
  await call('retryMessage', { refused: 404, as: admin, at: { messageId: 17 } });
  await call('viewMe', { as: 'demo-member', at: ofSite(1) });
  await call('viewMeAnywhere', {});
  await call('receiptKeys', {});
  await call('willAnonymize', { as: admin, at: ofUser(1, 127) });
  await call('willAnonymizeByPut', { as: admin, at: ofUser(1, 101), query: '?view=summary', body: {} });
  await call('willAnonymizeByPost', { as: admin, at: ofUser(1, 101), query: '?view=summary', body: {} });
  await call('willAnonymizeAll', { as: admin, at: ofUser(1, 101), query: '?view=summary' });
  const some = { as: admin, at: ofUser(1, 101), query: '?view=summary', body: { onlySiteIds: [1, 2] } };
  await call('willAnonymizeAllByPut', some);
  await call('willAnonymizeAllByPost', some);
};

const firstRun = { siteId: 4, runId: 1 };
/**
 * Over site 4, which has ended. The demo looks for runs as it starts and every few seconds: this one is paused before anybody is
 * anonymized, and goes on when everything else is written down.
 */
const beginRun = async ({ call }: Player): Promise<void> => {
  await call('willAnonymizeSite', { as: admin, at: ofSite(4) });
  await call('doAnonymizeSite', { as: admin, at: ofSite(4), body: { reason: 'Zaak-4' } });
  await call('pauseRun', { as: admin, at: firstRun });
  await call('runStatus', { as: admin, at: firstRun });
};

/** Over a list of people; it is paused, too, before anybody is anonymized. Answers what addresses call it. */
const planRun = async ({ call, ask }: Player): Promise<string> => {
  const body = { users: [104, 124], reason: 'Zaak-5' };
  const headers = { 'Idempotency-Key': 'zaak-5' };
  const planned = await call('planAnonymizationRun', { as: admin, headers, body });
  const run = planned.value('id');
  await call('listAnonymizationRuns', { as: admin, query: '?pageSize=1' });
  await call('startAnonymizationRun', { as: admin, at: { run }, headers: { 'If-Match': planned.header('etag') } });
  await call('pauseAnonymizationRun', { as: admin, at: { run } });
  await call('readAnonymizationRun', { as: admin, at: { run }, query: '?page=0&pageSize=1' });
  const other = await ask('POST', '/api/anonymization-run', { as: admin, body: { users: [104] } });
  await call('cancelAnonymizationRun', { as: admin, at: { run: other.value('id') } });
  return run;
};

const failAtReading = async ({ fail }: Player): Promise<void> => {
  await fail('unauthenticated', 'GET', '/api/site/1/user/101/person');
  await fail('site-not-found', 'GET', '/api/site/99');
  await fail('user-not-found', 'GET', '/api/site/1/user/999', { as: admin });
  await fail('not-found', 'GET', '/api/nonesuch');
  await fail('method-not-allowed', 'DELETE', '/api/site/1/user', { as: admin });
  await fail('malformed-request', 'GET', '/api/site/1/user?pageSize=many', { as: admin });
  await fail('oauth-not-configured', 'GET', '/oauth/site/1/login?useOauth=nonesuch');
};

/** Niels logs in at site 1; answers his session token. */
const logIn = async ({ call, fail, apiUrl, oauthUrl }: Player): Promise<string> => {
  const redirectUrl = `${oauthUrl}/site?site=1`;
  const flow = { apiUrl, oauthUrl, siteId: 1, redirectUrl };
  await call('beginLogin', { at: ofSite(1), query: `?redirectUrl=${encodeURIComponent(redirectUrl)}` });
  const niels = 1001;
  const stolen = new URL(await upToDigest(aVisitor(), flow, niels));
  await fail('login-refused', 'GET', `${stolen.pathname}${stolen.search}`);
  const visitor = aVisitor();
  const back = new URL(await upToDigest(visitor, flow, niels));
  const cookie = visitor.cookieFor(back.host);
  const answer = await call('finishLogin', { at: ofSite(1), query: back.search, headers: { Cookie: cookie } });
  return new URL(answer.header('location')).searchParams.get('jwt') ?? '';
};

/** The demo's platform admin at the console. */
const signIn = async ({ call, apiUrl, oauthUrl }: Player): Promise<void> => {
  const marleen = 1032;
  await call('beginConsoleLogin', { query: '?returnTo=/console' });
  const visitor = aVisitor();
  const back = new URL(await upToReturn(visitor, `${apiUrl}/oauth/console/login`, oauthUrl, marleen));
  const cookie = visitor.cookieFor(back.host);
  await call('finishConsoleLogin', { query: back.search, headers: { Cookie: cookie } });
  const [here, elsewhere] = [aVisitor(), aVisitor()];
  for (const browser of [here, elsewhere]) await logIntoConsole(browser, { apiUrl, oauthUrl }, marleen);
  const headersOf = (browser: typeof here) => ({ ...fromConsole, Cookie: browser.cookieFor(back.host) });
  const other = await call('listSessions', { headers: headersOf(elsewhere) });
  await call('endSession', { at: { sessionId: other.value('id') }, headers: headersOf(here) });
  await call('leaveConsole', { headers: headersOf(here) });
};

const change = async ({ call, ask }: Player, token: string): Promise<void> => {
  const back = encodeURIComponent('http://127.0.0.1:3000/');
  await call('leave', { at: ofSite(1), query: `?redirectUrl=${back}` });
  await call('logOut', { as: token, at: ofSite(1) });
  // The demo's OAuth server tells of no logouts, and so no site of the demo can be told of one.
  await call('backchannelLogout', { refused: 501, at: ofSite(1), form: { logout_token: 'a.b.c' } });
  await call('createUser', {
    as: admin,
    at: ofSite(1),
    body: { email: 'jip.jansen@example.org', firstName: 'Jip', lastName: 'Jansen' },
  });
  const seen = await ask('GET', '/api/site/1/user/127', { as: admin });
  await call('updateUser', {
    as: admin,
    at: ofUser(1, 127),
    headers: { 'If-Match': seen.header('etag') },
    body: { city: 'Delft' },
  });
  await call('deleteUser', { as: admin, at: ofUser(1, 128) });
  await call('createSite', {
    as: admin,
    body: { name: 'kade', title: 'Plannen voor de kade', domain: 'kade.localhost' },
  });
  await call('updateSite', { as: admin, at: ofSite(6), body: { config: { project: { projectHasEnded: true } } } });
  const run = await ask('PUT', '/api/site/6/do-anonymize-all-users', { as: admin });
  await call('cancelRun', { as: admin, at: { siteId: 6, runId: run.value('id') } });
  await call('deleteSite', { as: admin, at: ofSite(6) });
};

const failAtWriting = async ({ ask, fail }: Player): Promise<void> => {
  await fail('forbidden', 'PUT', '/api/site/1/user/101', { as: 'demo-member', body: { city: 'Delft' } });
  await fail('invalid-values', 'PUT', '/api/site/1/user/101', { as: admin, body: { gender: 'x', city: 7 } });
  const json = { 'Content-Type': 'application/json' };
  const large = { as: admin, headers: json, text: `{"city": "${'a1'.repeat(150_000)}"}` };
  await fail('body-too-large', 'PUT', '/api/site/1/user/101', large);
  const xml = { as: admin, headers: { 'Content-Type': 'text/xml' }, text: '<city>Delft</city>' };
  await fail('unsupported-media-type', 'PUT', '/api/site/1/user/101', xml);
  await fail('conflict', 'DELETE', '/api/site/1', { as: admin });
  const old = { as: admin, headers: { 'If-Match': '"of-yesterday"' } };
  await fail('precondition-failed', 'PUT', '/api/site/1/user/101', { ...old, body: { city: 'Delft' } });
  await fail('plan-changed', 'PUT', '/api/site/1/user/101/do-anonymizeall', old);
  await ask('PUT', '/api/site/3', { as: admin, body: { config: { anonymize: { requirePreview: true } } } });
  await fail('preview-required', 'PUT', '/api/site/3/user/139/do-anonymize', { as: admin });
};

const anonymize = async ({ call, ask }: Player): Promise<void> => {
  const preview = (siteId: number, userId: number, all: '' | 'all') =>
    ask('GET', `/api/site/${siteId}/user/${userId}/will-anonymize${all}`, { as: admin });
  const query = '?view=summary';
  const bound = async (siteId: number, userId: number, all: '' | 'all') => ({
    ...{ as: admin, at: ofUser(siteId, userId), query },
    headers: { 'If-Match': (await preview(siteId, userId, all)).header('etag'), 'Idempotency-Key': `zaak-${userId}` },
    body: { reason: `Zaak-${userId}` },
  });
  await call('doAnonymize', await bound(1, 129, ''));
  await call('doAnonymizeByPost', await bound(1, 130, ''));
  await call('doAnonymizeAllByPost', await bound(1, 117, 'all'));
  const done = await call('doAnonymizeAll', await bound(1, 101, 'all'));
  await call('anonymizationStatus', { as: admin, at: ofUser(1, 101) });
  const operationId = done.header('location').split('/').at(-1) ?? '';
  await call('readOperation', { as: admin, at: { operationId } });
  const [, token = ''] = /<\/receipts\/([^>]+)>/.exec(done.header('link')) ?? [];
  await call('readReceipt', { at: { token } });
  await call('listAudit', { as: admin, query: '?pageSize=1' });
};

/** A back office of sites 1 and 2. */
const manage = async ({ call, fail, ask }: Player): Promise<void> => {
  const made = await call('createClient', {
    as: admin,
    body: { name: 'Back office', scopes: ['admin'], siteIds: [1, 2] },
  });
  const client = { client_id: made.value('key'), client_secret: made.value('secret') };
  const given = await call('giveToken', {
    form: { grant_type: 'client_credentials', ...client, scope: 'admin' },
  });
  await fail('token-refused', 'POST', '/oauth/token', { form: { grant_type: 'password', ...client } });
  const wrong = { grant_type: 'client_credentials', ...client, client_secret: 'wrong' };
  await fail('invalid-client', 'POST', '/oauth/token', { form: wrong });
  const visiting = await ask('POST', '/oauth/token', { form: { grant_type: 'client_credentials', ...client } });
  await fail('insufficient-scope', 'GET', '/api/v1/users/1002', { as: visiting.value('access_token') });
  const as = given.value('access_token');
  await call('listPeople', { as, query: '?per_page=1' });
  await call('viewPerson', { as, at: { uid: 1002 } });
  await call('changePerson', { as, at: { uid: 1002 }, body: { points: 40, is_expert: true } });
  await call('exportPerson', { as, at: { uid: 1016 } });
  await call('anonymizePerson', { as, at: { uid: 1016 }, body: { reason: 'Zaak-9' } });
  await call('deletePerson', { as, at: { uid: 1017 } });
  await call('listClients', { as: admin });
  await call('introspectToken', { form: { ...client, token: as } });
  await call('revokeToken', { form: { ...client, token: as } });
  await call('rotateClient', { as: admin, at: { clientId: made.value('id') } });
  await call('revokeClient', { as: admin, at: { clientId: made.value('id') } });
};
