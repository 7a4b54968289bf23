import request from 'supertest';
import { managementUseCases } from '../http/support/management.ts';
import { noLimits, oneWindow, testApp } from '../http/support/app.ts';

/**
 * An API key is public: pages show it. Visitors who ask by it were counted as the back office that it belongs to, so that some of them could
 * use up what its own program may ask in a minute; and each was told what was left of that, which says how much the back office asks.
 * Source: docs/reference/internals.md §4.
 */
test('visitors who ask by a back office’s key use up nothing of what its program may ask, and do not hear how much that is', async () => {
  const { app } = testApp(
    {},
    {
      limits: { ...noLimits, ...oneWindow, perAddress: 100, perToken: 2 },
      management: managementUseCases((_story, answer) => async () => answer),
    },
  );
  const visited = () => request(app).get('/api/v1/users?api_key=civ_key');
  const asked = () => request(app).get('/api/v1/users').set('Authorization', 'Bearer token-admin');

  for (let time = 0; time < 4; time += 1) {
    const answer = await visited();
    expect(answer.status).toBe(200);
    expect(answer.headers['ratelimit']).toMatch(/^"address"; r=\d+; t=\d+$/);
  }
  expect((await asked()).status).toBe(200);
  expect((await asked()).status).toBe(200);
  // Nor do they go uncounted by a header that shows nothing.
  expect((await visited().set('Authentication', '')).headers['ratelimit']).toMatch(/^"address"/);
  // Its own requests are counted as ever.
  expect((await asked()).status).toBe(429);
});
