import request from 'supertest';
import { Fault } from '../../src/domain/fault.ts';
import type { OperationClaims, Receipt } from '../../src/use-cases/audit/commands.ts';
import { aDeed, testApp } from './support/app.ts';

const html = 'text/html,application/xhtml+xml,*/*;q=0.8';
const receiptOf = (claims: Partial<OperationClaims> = {}): Receipt => ({
  claims: { ...aDeed, ...claims, version: 1, sealedAs: 'f'.repeat(64), issuedAt: '2024-05-07T00:00:00.000Z' },
  signed: 'header.claims.signature',
});
const read = (headers: Record<string, string>, claims: Partial<OperationClaims> = {}) =>
  request(testApp({ readReceipt: async () => receiptOf(claims) }).app)
    .get(`/receipts/${'r'.repeat(107)}`)
    .set(headers);

describe('a receipt', () => {
  test.each(['*/*', 'application/jose', 'application/json', 'application/jose, text/html;q=0.5', ''])(
    'is the signed text to programs: %j',
    async (accept) => {
      const answer = await read(accept === '' ? {} : { Accept: accept }).buffer(true);
      expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([
        200,
        'application/jose',
        'header.claims.signature',
      ]);
    },
  );

  test('is a page to browsers, in which nothing runs and nothing is loaded, kept by nobody on the way', async () => {
    const { status, headers } = await read({ Accept: html });

    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers['content-security-policy']).toMatch(
      /^sandbox; default-src 'none'; style-src 'sha256-[\w+/]+=*'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect([headers['cache-control'], headers['vary']]).toEqual([
      'no-store',
      'Authorization, X-Authorization, Origin, Accept, Accept-Language',
    ]);
  });

  test('speaks Dutch and English, English where a browser asks for neither', async () => {
    const textIn = async (language: string) => (await read({ Accept: html, 'Accept-Language': language })).text;
    expect(await textIn('nl-NL,nl;q=0.9,en;q=0.8')).toMatch(
      /<html lang="nl">[^]*Bewijs van anonimisering[^]*verwijderd/,
    );
    expect(await textIn('en')).toMatch(/<html lang="en">[^]*Receipt of an anonymization[^]*removed/);
    expect(await textIn('fr')).toContain('<html lang="en">');
  });

  test('says in which language it is, and its moments as people read them', async () => {
    const { headers, text } = await read({ Accept: html, 'Accept-Language': 'en;q=0.5, nl;q=0.6' });
    expect(headers['content-language']).toBe('nl');
    expect(text).toContain('<time datetime="2024-05-06T07:08:09.123Z">6 mei 2024 om 07:08:09 UTC</time>');
  });

  test('says that nothing was contributed where nothing was', async () => {
    expect((await read({ Accept: html, 'Accept-Language': 'nl' })).text).toMatch(
      /<h2>Bijdragen<\/h2>\s*<p>Geen\.<\/p>/,
    );
  });

  test('shows on its page everything that is signed, and the signed text', async () => {
    const counts = { votes: { keep: 0, anonymize: 1, remove: 12 }, ideas: { keep: 3, anonymize: 0, remove: 0 } };
    const { text } = await read({ Accept: html }, { users: 4, counts, sites: [{ id: 17, users: 4, counts }] });

    for (const shown of [
      'Ticket#12',
      'd1',
      'o'.repeat(43),
      'f'.repeat(64),
      '2024-05-06T07:08:09.123Z',
      'header.claims.signature',
    ])
      expect(text).toContain(shown);
    const rows = [...text.matchAll(/<th scope="row">17<\/th>(.*?)<\/tr>/g)].map(([, cells = '']) => cells);
    expect(rows).toEqual([
      '<td>Votes</td><td>Kept, without network address</td><td>1</td>',
      '<td>Votes</td><td>Removed</td><td>12</td>',
      '<td>Ideas</td><td>Kept, under the replaced name</td><td>3</td>',
    ]);
    expect(text).toContain('/.well-known/jwks.json');
  });

  test('lets nothing of what stands in it become markup', async () => {
    const evil = `"><script>alert(1)</script>'&`;
    const { text } = await read(
      { Accept: html },
      {
        ...{ call: evil, at: evil, by: { kind: evil, userId: 1 }, reason: evil, digest: evil, operation: evil },
        counts: { [evil]: { keep: 1, anonymize: 0, remove: 0 } },
      },
    );
    expect(text).not.toMatch(/<script|"><|'&(?!#|amp;|quot;|lt;|gt;)/);
  });

  test('that is not there is a page to browsers, too', async () => {
    const answer = await request(testApp({ readReceipt: () => Promise.reject(new Fault('not-found', {})) }).app)
      .get('/receipts/x')
      .set('Accept', html);
    expect([answer.status, answer.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
  });
});
