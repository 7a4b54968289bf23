import fc from 'fast-check';
import { mask, maskedConfig } from '../../src/domain/sites/masked-config.ts';
import { withoutTags } from '../../src/domain/users/personal-text.ts';
import { plainText } from '../../src/http/routes/activity.ts';

describe('a name without tags', () => {
  test.each([
    ['<b>Jan</b>', 'Jan'],
    ['Jan<script', 'Jan'],
    ['<script>alert(1)</script>', 'alert(1)'],
    ['<<b>script>x', 'x'],
    ['a<!-- b -->c', 'ac'],
    ['1 < 2', '1 < 2'],
    ['I <3 U > me', 'I <3 U > me'],
    ['Jansen & Zn', 'Jansen & Zn'],
    ['<img src=x onerror=alert(1)//', ''],
  ])('%s is %s', (given, kept) => {
    expect(withoutTags(given).text).toBe(kept);
  });

  test('never holds one, whatever it was made of', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('<', '>', '/', '!', 'b', 'script', ' ', '3')), (parts) => {
        expect(withoutTags(parts.join('')).text).not.toMatch(/<[a-z!?/]/i);
      }),
    );
  });
});

describe('plain text', () => {
  test.each([
    ['<p>Een&nbsp;<b>goed</b>\n plan</p>', 'Een goed plan'],
    ['&lt;b&gt; &amp;amp; &quot;x&quot; &apos;y&apos;', '<b> &amp; "x" \'y\''],
    ['&#233;&#xE9;&#0;&#xD800;&#x110000;&unknown;', 'éé&#0;&#xD800;&#x110000;&unknown;'],
    ['a <!-- hidden --> b <br', 'a b'],
    ['1 < 2', '1 < 2'],
  ])('of %s is %s', (html, text) => {
    expect(plainText(html)).toBe(text);
  });
});

describe("a site's config", () => {
  test.each([
    'auth-client-secret',
    'password',
    'pass',
    'smtpPassword',
    'apiKey',
    'api_key',
    'googleMapsApiKey',
    'key',
    'accessToken',
    'token',
    'privateKey',
    'cookieSecret',
    'connectionString',
    'credentials',
    'jwt',
    'salt',
  ])('shows no %s, at any depth', (name) => {
    expect(maskedConfig({ a: [{ b: { [name]: 'open sesame' } }], [name]: { deep: ['x', 5, { y: 'z' }] } })).toEqual({
      a: [{ b: { [name]: mask } }],
      [name]: { deep: [mask, mask, { y: mask }] },
    });
  });

  test('shows everything else, and whether a secret is there at all', () => {
    const config = {
      'auth-client-id': 'one',
      url: 'https://example.org/x?y=1',
      password: '',
      token: null,
      passwordLogin: true,
      users: { extraData: { bio: { auth: { viewableBy: 'moderator' } } } },
    };

    expect(maskedConfig(config)).toEqual(config);
  });

  test.each([
    'Basic income for all',
    'Basic income',
    'Basic: wat je nodig hebt',
    'basic plan',
    'Basisinkomen',
    'Bearer bonds',
    'Bearer of good news',
    'bearer certificates',
    'Basic 2026',
  ])('shows a text of people: %s', (title) => {
    expect(maskedConfig({ title, list: [title] })).toEqual({ title, list: [title] });
  });

  test.each([
    `Basic ${btoa('jan:hush')}`,
    `basic ${btoa('jan@example.org:hush!').replaceAll('=', '')}`,
    `Basic ${Buffer.from('jan:ÀÉ€').toString('base64')}`,
    'Basic jan:hush',
    // No text of people, and what it holds takes longer to find out than everything else of a config.
    `Basic ${'a'.repeat(9000)}`,
    `Bearer ${'a'.repeat(9000)}`,
    'Bearer civ_secret_abc',
    ' bearer  Zm9vYmFy ',
    'Bearer abc123',
    'BEARER eyJhbGciOiJIUzI1NiJ9.e30.c2ln',
  ])('shows no header that opens a door: %s', (header) => {
    expect(maskedConfig({ any: header, list: [header] })).toEqual({ any: mask, list: [mask] });
  });

  test('shows no password inside an address', () => {
    expect(maskedConfig({ url: 'https://jan:hush@example.org/x' })).toEqual({ url: 'https://********@example.org/x' });
  });
});
