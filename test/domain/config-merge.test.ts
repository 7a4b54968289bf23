import fc from 'fast-check';
import { mergedConfig } from '../../src/domain/sites/config-merge.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { maskedConfig } from '../../src/domain/sites/masked-config.ts';
import { atOnce } from '../support/at-once.ts';

const mergedWhole = (before: JsonObject, sent: JsonObject) => atOnce(mergedConfig(before, sent));
const merged = (before: JsonObject, sent: JsonObject) => mergedWhole(before, sent).config;
const wrong = (before: JsonObject, sent: JsonObject) => mergedWhole(before, sent).errors.map(({ pointer }) => pointer);
const mask = '********';

describe('what is sent', () => {
  it.each<[string, JsonObject, JsonObject, JsonObject]>([
    ['adds a key', { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ['sets a key deep inside', { a: { b: 1, c: 2 } }, { a: { b: 3 } }, { a: { b: 3, c: 2 } }],
    ['takes a key away by null', { a: { b: 1, c: 2 } }, { a: { b: null } }, { a: { c: 2 } }],
    ['replaces a list whole', { a: [1, 2, 3] }, { a: [4] }, { a: [4] }],
    ['keeps null inside lists', { a: [1] }, { a: [null, { b: null }] }, { a: [null, { b: null }] }],
    ['replaces what is no object', { a: 'x' }, { a: { b: 1 } }, { a: { b: 1 } }],
    ['leaves a null that was there', { a: null }, { a: null }, { a: null }],
    ['changes nothing when it is empty', { a: { b: 1 } }, {}, { a: { b: 1 } }],
    [
      'keeps the null that says from which claim a field is read',
      { oauth: { sso: { claims: { city: 'town' } } } },
      { oauth: { sso: { claims: { city: null } } } },
      { oauth: { sso: { claims: { city: null } } } },
    ],
  ])('%s', (_name, before, sent, expected) => {
    expect(mergedWhole(before, sent)).toEqual({ config: expected, errors: [] });
  });

  it('edits no argument', () => {
    const before = { a: { b: [1] }, token: 'x' };
    const sent = { a: { b: [2] }, token: mask };
    merged(before, sent);
    expect([before, sent]).toEqual([
      { a: { b: [1] }, token: 'x' },
      { a: { b: [2] }, token: mask },
    ]);
  });
});

describe('a mask', () => {
  it.each<[string, JsonObject, JsonObject, JsonObject]>([
    ['keeps its secret', { password: 'p', a: 1 }, { password: mask, a: 2 }, { password: 'p', a: 2 }],
    ['keeps a secret that is a number', { apiKey: 5 }, { apiKey: mask }, { apiKey: 5 }],
    [
      'keeps secrets inside a secret',
      { keys: { a: 'x', b: ['y'] } },
      { keys: { a: mask, b: [mask] } },
      { keys: { a: 'x', b: ['y'] } },
    ],
    [
      'keeps the secret of an item of a list, wherever that stands now',
      {
        hooks: [
          { name: 'a', token: '1' },
          { name: 'b', token: '2' },
        ],
      },
      {
        hooks: [
          { name: 'b', token: mask },
          { name: 'a', token: mask },
          { name: 'c', token: '3' },
        ],
      },
      {
        hooks: [
          { name: 'b', token: '2' },
          { name: 'a', token: '1' },
          { name: 'c', token: '3' },
        ],
      },
    ],
    [
      'keeps the secret of an item that changed beside it',
      {
        hooks: [
          { name: 'a', token: '1' },
          { name: 'b', token: '2' },
        ],
      },
      {
        hooks: [
          { name: 'a', token: mask },
          { name: 'B', token: mask },
        ],
      },
      {
        hooks: [
          { name: 'a', token: '1' },
          { name: 'B', token: '2' },
        ],
      },
    ],
    [
      'keeps the password in an address of the same server',
      { db: 'mysql://me:pw@db:3306/one' },
      { db: `mysql://${mask}@db:3306/two` },
      { db: 'mysql://me:pw@db:3306/two' },
    ],
  ])('%s', (_name, before, sent, expected) => {
    expect(mergedWhole(before, sent)).toEqual({ config: expected, errors: [] });
  });

  it.each<[string, JsonObject, JsonObject, string]>([
    ['where nothing was', {}, { smtp: { pass: mask } }, '/config/smtp/pass'],
    ['under another name', { token: 'x' }, { 'a/b~token': mask }, '/config/a~1b~0token'],
    ['under a name that hides nothing', { title: 'x' }, { title: mask }, '/config/title'],
    ['for a secret that was empty', { token: '' }, { token: mask }, '/config/token'],
    [
      'in a list that grew, beside something that changed',
      { hooks: [{ name: 'a', token: '1' }] },
      { hooks: [{ name: 'b', token: mask }, { name: 'c' }] },
      '/config/hooks/0/token',
    ],
    ['for another server', { db: 'mysql://me:pw@db/one' }, { db: `mysql://${mask}@evil/one` }, '/config/db'],
    ['for another port', { db: 'mysql://me:pw@db:1/one' }, { db: `mysql://${mask}@db:2/one` }, '/config/db'],
    ['for an address that had none', { db: 'mysql://db/one' }, { db: `mysql://${mask}@db/one` }, '/config/db'],
  ])('that stands for nothing is wrong: %s', (_name, before, sent, pointer) => {
    expect(wrong(before, sent)).toEqual([pointer]);
  });
});

describe('for every config', () => {
  const key = fc.oneof(
    fc.constantFrom('a', 'b', 'token', 'password', 'authorization', 'auth-client-secret', 'keys', 'url'),
    fc.string({ maxLength: 3 }).filter((text) => text !== '__proto__'),
  );
  const leaf = fc.oneof(
    fc.constantFrom('x', '', mask, 'Basic eA==', 'https://me:pw@host/path', 'https://host'),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.string(),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    ),
  }));
  const config = fc
    .dictionary(key, value, { maxKeys: 5 })
    .map((made) => JSON.parse(JSON.stringify(made)) as JsonObject);

  it('sending back what was shown changes nothing', () => {
    fc.assert(
      fc.property(config, (before) => {
        expect(mergedWhole(before, maskedConfig(before))).toEqual({ config: before, errors: [] });
      }),
    );
  });

  it('sending the same twice is sending it once', () => {
    fc.assert(
      fc.property(config, config, (before, sent) => {
        fc.pre(mergedWhole(before, sent).errors.length === 0);
        const once = merged(before, sent);
        expect(merged(once, sent)).toEqual(once);
      }),
    );
  });
});

describe('a long list', () => {
  it('is merged in a moment, and not in minutes: everybody would wait', () => {
    const count = 10_000;
    const items = (from: number) => Array.from({ length: count }, (_, index) => ({ at: from + index, token: 'x' }));
    const shown = maskedConfig({ list: items(0) });
    const before = process.cpuUsage();
    expect(merged({ list: items(0) }, { list: items(count) })).toEqual({ list: items(count) });
    expect(merged({ list: items(0) }, { list: [...(shown['list'] as JsonObject[])].reverse() })).toEqual({
      list: items(0).reverse(),
    });
    // Processor time: on a busy machine a moment is longer.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(5_000);
  });

  it('may hold the same thing twice', () => {
    const before = { list: [{ token: '1' }, { token: '2' }, 'a', 'a'] };
    const sent = { list: ['a', { token: mask }, { token: mask }, 'a'] };
    expect(merged(before, sent)).toEqual({ list: ['a', { token: '1' }, { token: '2' }, 'a'] });
  });
});
