import { decodeJwt } from 'jose';
import { sql } from '../../src/db/sql.ts';
import { personThere } from './sentences/support/people.ts';
import { startProgram, type Program } from '../support/program.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { aVisitor, upToDigest } from '../support/visitor.ts';

let world: RecordedWorld;
let programs: readonly Program[];
beforeAll(async () => {
  world = await startRecordedWorld();
  programs = await Promise.all([startProgram({ env: world.env }), startProgram({ env: world.env })]);
});
afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  await world.close();
});

const instances = {
  'in one process': () => [world.url],
  'in two processes on one database': () => programs.map(({ url }) => url),
} as const;

describe.each(Object.keys(instances) as (keyof typeof instances)[])(
  'Ten first logins of one person at the same moment, %s,',
  (where) => {
    it('make one row and ten sessions', async () => {
      const externalId = await personThere(world, {
        email: `${where.length}@example.org`,
        firstName: 'Tien',
        city: 'Delft',
      });
      const urls = instances[where]();
      // Each browser as far as the OAuth server lets it, so that all ten come back at once.
      const browsers = await Promise.all(
        Array.from({ length: 10 }, async (_none, index) => {
          const visitor = aVisitor();
          const flow = { apiUrl: urls[index % urls.length] ?? '', oauthUrl: world.oauth.url, siteId: 1 };
          const digest = await upToDigest(visitor, { ...flow, redirectUrl: 'http://localhost:3000/' }, externalId);
          return { visitor, digest, apiUrl: flow.apiUrl };
        }),
      );

      const done = await Promise.all(browsers.map(({ visitor, digest }) => visitor.open(digest)));

      expect(done.map(({ status, text }) => [status, text])).toEqual(done.map(() => [302, '']));
      const tokens = done.map(({ onward }) => new URL(onward ?? 'http://none').searchParams.get('jwt') ?? '');
      const claims = tokens.map((token) => decodeJwt(token));
      expect(new Set(claims.map(({ userId }) => userId as number)).size).toBe(1);
      expect(new Set(claims.map(({ jti }) => jti)).size).toBe(10);
      const rows = await world.container.database.select(
        sql`SELECT u.id FROM users u JOIN civitas_persons p ON p.id = u.personId WHERE p.externalId = ${String(externalId)}`,
      );
      expect(rows).toHaveLength(1);
      const answers = await Promise.all(
        tokens.map((token) =>
          world.at(urls[0] ?? '')(null, 'GET', '/oauth/site/1/me', undefined, { authorization: `Bearer ${token}` }),
        ),
      );
      expect(answers.map(({ status, body }) => [status, String(body.firstName)])).toEqual(
        answers.map(() => [200, 'Tien']),
      );
      const count = await world.call('admin', 'GET', '/api/site/1/user?page=0&pageSize=1');
      const listed = await world.call('admin', 'GET', '/api/site/1/user');
      expect(count.body.metadata.totalCount).toBe(listed.body.length);
    });
  },
);
