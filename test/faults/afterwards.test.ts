import { jwtSecret } from '../support/crashing/instance.ts';
import { sessionToken } from '../support/session-token.ts';
import { modes, statuses } from './cases.ts';
import { limits, openOrdeal, type Ordeal } from './ordeal.ts';

let ordeal: Ordeal;
beforeAll(async () => {
  ordeal = await openOrdeal();
});
afterAll(() => ordeal.close());

describe('a write that happened at the OAuth server although its reply was lost', () => {
  beforeEach(() => ordeal.beginAnew());

  it.each(['create of a new person', 'update'] as const)(
    '%s: happens here, too, once the server is well',
    async (story) => {
      await ordeal.suffer({ story, where: 'its writes', mode: 'lose-reply', number: 0 });
      await ordeal.recover();

      expect(
        ordeal.stage
          .oauth()
          .people()
          .filter(({ firstName }) => firstName === 'Nieuw'),
      ).toHaveLength(1);
      const rows = await ordeal.withProgram({}, ({ container }) =>
        container.database.rows.users.count({ where: { firstName: 'Nieuw' } }),
      );
      expect(rows).toBe(story === 'update' ? 3 : 1);
    },
  );
});

describe('a write that certainly did not happen', () => {
  beforeEach(() => ordeal.beginAnew());

  it.each(['create of a new person', 'create of a known person', 'update', 'update of a role'] as const)(
    '%s: leaves nothing waiting and happens nowhere',
    async (story) => {
      const before = JSON.stringify(ordeal.stage.oauth().people());
      await ordeal.suffer({ story, where: 'its writes', mode: '401', number: 0 });

      const waiting = await ordeal.withProgram({}, ({ container }) => container.ports.outbox.waiting());
      await ordeal.recover();

      expect(waiting.map(({ topic }) => topic)).toEqual([]);
      expect(JSON.stringify(ordeal.stage.oauth().people())).toBe(before);
    },
  );
});

describe('a session', () => {
  beforeAll(() => ordeal.beginAnew());

  it.each(modes)('goes on while the OAuth server answers with %s', async (mode) => {
    const [row] = ordeal.stage.settled.get(1000) ?? [];
    const path = `/api/site/1/user/${row?.id ?? 0}`;
    await ordeal.stage.proxy.behave(mode);

    const seen = await ordeal.withProgram(limits(mode), async ({ call, container }) => {
      const token = await sessionToken(container, row?.id ?? 0, { secret: jwtSecret });
      return [
        (await call({ method: 'PUT', path, body: { firstName: `Nieuw ${mode}` }, token })).status,
        (await call({ method: 'GET', path, token })).status,
      ];
    });
    await ordeal.recover();

    expect(seen).toEqual([statuses[mode], 200]);
  });
});
