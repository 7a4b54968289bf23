import { derivedFields, maskedFields, personalFields } from '../../src/domain/users/user-fields.ts';
import { createLogger } from '../../src/platform/logger.ts';

const collecting = () => {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    personalFields: maskedFields,
    stream: { write: (line) => void lines.push(line) },
  });
  return { logger, text: () => lines.join(''), last: (): unknown => JSON.parse(lines.at(-1) ?? 'null') };
};

describe('the log', () => {
  it.each([...personalFields, ...derivedFields].filter((field) => field !== 'personId'))(
    'masks %s at any depth',
    (field) => {
      const { logger, text } = collecting();
      logger.info({ [field]: 'MARKER', inside: { list: [{ [field]: 'MARKER' }] } }, 'a line');
      expect(text()).not.toContain('MARKER');
      expect(text()).toContain('[masked]');
    },
  );

  it.each(['authorization', 'X-Authorization', 'cookie', 'auth-client-secret', 'password', 'accessToken', 'query'])(
    'masks %s whoever writes it',
    (name) => {
      const { logger, text } = collecting();
      logger.warn({ headers: { [name]: 'MARKER' } }, 'a line');
      expect(text()).not.toContain('MARKER');
    },
  );

  it('keeps ids, counts and moments', () => {
    const { logger, last } = collecting();
    const at = new Date('2024-05-01T10:00:00Z');
    logger.info({ userId: 7, personId: 3, siteIds: [1, 2], at, email: null }, 'anonymized');
    expect(last()).toMatchObject({
      level: 'info',
      userId: 7,
      personId: 3,
      siteIds: [1, 2],
      at: at.toISOString(),
      email: null,
      msg: 'anonymized',
    });
  });

  it('holds no query string of a request, and none of its headers', () => {
    const { logger, text, last } = collecting();
    logger.info(
      { req: { id: 'r1', method: 'GET', url: '/api/site/1/user?jwt=MARKER#MARKER', headers: { cookie: 'MARKER' } } },
      'request',
    );
    logger.info({ url: 'https://x.nl/a?email=MARKER' }, 'asked');
    expect(text()).not.toContain('MARKER');
    expect(last()).toMatchObject({ url: 'https://x.nl/a' });
  });

  it('holds no value of a database error, in whatever it hangs', () => {
    const { logger, text, last } = collecting();
    const cause = Object.assign(new Error("Duplicate entry 'MARKER' for key 'x'"), {
      sql: "SELECT 'MARKER'",
      code: 'ER_DUP_ENTRY',
    });
    const err = Object.assign(new Error('Validation error', { cause }), {
      parameters: ['MARKER'],
      errors: [{ value: 'MARKER' }],
    });
    logger.error({ err }, 'failed');
    logger.error(err, 'failed');
    logger.error(err);
    logger.error({ reasons: [err] }, 'failed');
    expect(text()).not.toContain('MARKER');
    expect(last()).toMatchObject({
      reasons: [{ type: 'Error', message: 'Validation error', cause: { code: 'ER_DUP_ENTRY' } }],
    });
  });

  it('masks addresses in any message', () => {
    const { logger, last } = collecting();
    logger.error({ err: new TypeError('no such person: Niels.Vegter+1@example.org, sorry') }, 'failed');
    expect(last()).toMatchObject({ err: { type: 'TypeError', message: 'no such person: [masked] sorry' } });
  });

  it('names instances of classes without opening them', () => {
    class UserRow {
      readonly email = 'MARKER';
      readonly plain = 'MARKER';
    }
    const { logger, text } = collecting();
    logger.info(
      { row: new UserRow(), address: new URL('https://x.nl/?a=MARKER'), bytes: Buffer.from('MARKER') },
      'odd',
    );
    expect(text()).not.toContain('MARKER');
    expect(text()).toContain('[UserRow]');
  });

  it('survives what refers to itself', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const { logger, last } = collecting();
    logger.info(circle, 'round');
    expect(last()).toMatchObject({ msg: 'round' });
  });

  it('writes a warning at once, and what came before it', () => {
    let written = 0;
    const stream = { write: () => undefined, flush: () => void (written += 1) };
    const logger = createLogger({ level: 'info', personalFields: [], stream });
    logger.info({}, 'later');
    expect(written).toBe(0);
    logger.warn({}, 'now');
    expect(written).toBe(1);
  });
});
