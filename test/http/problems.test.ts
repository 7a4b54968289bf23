import request from 'supertest';
import { conflictRules, Fault } from '../../src/domain/fault.ts';
import { rules } from '../../src/domain/refusals.ts';
import { problemPage } from '../../src/http/presenters/problem-page.ts';
import { problemWords } from '../../src/http/presenters/problem-words.ts';
import { allProblems, problems, type ProblemCode } from '../../src/http/problems.ts';
import { testApp } from './support/app.ts';

const failing = (error: Error) =>
  testApp({
    getUser: async () => {
      throw error;
    },
  });
const view = '/api/site/1/user/7';

describe('a problem', () => {
  test.each(Object.entries(problems))('%s has a status, a title and a paragraph at its address', async (code, rule) => {
    const answer = await request(testApp().app).get(`/problems/${code}`);

    expect(answer.status).toBe(200);
    expect(answer.type).toBe('text/plain');
    expect(answer.text).toContain(rule.help);
  });

  test.each(Object.keys(allProblems))('%s is explained as a page to browsers, in Dutch and English', async (code) => {
    const { app } = testApp();
    const ask = (language: string) =>
      request(app).get(`/problems/${code}`).set({ Accept: 'text/html', 'Accept-Language': language });
    const [dutch, english] = [await ask('nl-NL, en;q=0.8'), await ask('de, en;q=0.1')];

    for (const [answer, language] of [
      [dutch, 'nl'],
      [english, 'en'],
    ] as const) {
      const { title } = problemWords[language].texts[code as ProblemCode];
      expect([answer.status, answer.type, answer.headers['content-language']]).toEqual([200, 'text/html', language]);
      expect(answer.headers['vary']).toMatch(/Accept, Accept-Language/);
      expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
      expect(answer.text).toContain(`<html lang="${language}">`);
      expect(answer.text).toContain(`<h1>${title.replaceAll("'", '&#39;')}</h1>`);
      expect(answer.text).toContain('<pre>{\n  &quot;');
    }
    expect(dutch.text).not.toBe(english.text);
  });

  test.each([
    ['forbidden', Object.keys(rules)],
    ['conflict', conflictRules],
  ] as const)('%s names its rules, as a page and as text', async (code, names) => {
    const { app } = testApp();
    const text = (await request(app).get(`/problems/${code}`)).text;
    const page = (await request(app).get(`/problems/${code}`).set('Accept', 'text/html')).text;
    for (const rule of names) {
      expect(text).toContain(`\n${rule}: `);
      expect(page).toContain(`<code>${rule}</code>`);
    }
  });

  test.each(Object.keys(allProblems))('%s is told in Dutch to whoever was led to it', async (code) => {
    const words = problemWords.nl;
    const body = { type: `/problems/${code}`, title: 'x', detail: 'In English.', instance: 'abc-1' };
    const page = problemPage({ status: 400, headers: {}, body }, 'nl');
    expect(page).toContain(`<p>${words.sentences?.[code as ProblemCode] ?? 'none'}</p>`);
    expect(page).not.toContain('In English.');
    expect(page).toContain('abc-1');
  });

  test('says type, title, status, detail, the request id, facts, and what OpenStad clients read', async () => {
    const { app } = failing(
      new Fault('forbidden', { rule: 'higher-role', field: 'email' }, 'Nobody acts on their betters.'),
    );

    const answer = await request(app).get(view).set('X-Request-Id', 'abc-1');

    expect(answer.status).toBe(403);
    expect(answer.type).toBe('application/problem+json');
    expect(answer.body).toEqual({
      type: '/problems/forbidden',
      title: 'Not allowed',
      status: 403,
      detail: 'Nobody acts on their betters.',
      instance: 'abc-1',
      rule: 'higher-role',
      field: 'email',
      error: 'Nobody acts on their betters.',
      message: 'Nobody acts on their betters.',
    });
    expect(answer.headers['x-request-id']).toBe('abc-1');
  });

  test.each([
    [new Fault('busy', { retryAfterSeconds: 2.5 }), 503],
    [new Fault('not-ready', { retryAfterSeconds: 3 }), 503],
    [new Fault('person-being-removed', { retryAfterSeconds: 3 }), 503],
    [new Fault('oauth-circuit-open', { retryAfterSeconds: 3 }), 503],
  ])('%s says when to come again', async (fault, status) => {
    const answer = await request(failing(fault).app).get(view);

    expect(answer.status).toBe(status);
    expect(answer.headers['retry-after']).toBe('3');
  });

  test.each([
    [new Fault('oauth-unreachable', { mayHaveHappened: false }), 502],
    [new Fault('oauth-refused', { mayHaveHappened: false }), 502],
    [new Fault('oauth-timeout', { mayHaveHappened: true }), 504],
    [new Fault('oauth-unsupported', { what: 'roles' }), 501],
    [new Fault('oauth-not-configured', { provider: 'x' }), 400],
    [new Fault('precondition-failed', {}), 412],
    [new Fault('result-too-large', { limit: 1, found: 2, use: 'only' }), 413],
    [new Fault('conflict', { rule: 'already-anonymized' }), 409],
  ])('%s has the status of the contract', async (fault, status) => {
    expect((await request(failing(fault).app).get(view)).status).toBe(status);
  });

  test('of an error that nobody expected says nothing of it, and comes into the log without its words', async () => {
    const cause = new Error("Duplicate entry 'niels@example.org'");
    const { app, lines } = failing(new Error('SELECT secret FROM users', { cause }));

    const answer = await request(app).get(view);

    expect(answer.status).toBe(500);
    expect(answer.text).not.toMatch(/SELECT|niels|\.ts/);
    expect(answer.body.instance).toBe(answer.headers['x-request-id']);
    const logged = lines.filter((line) => line.includes('"level":"error"'));
    expect(logged).toHaveLength(1);
    expect(logged.join()).not.toMatch(/SELECT|niels/);
    expect(logged.join()).toContain(String(answer.body.instance));
  });

  test('of a code that is not known is no page', async () => {
    expect((await request(testApp().app).get('/problems/constructor')).status).toBe(404);
  });
});
