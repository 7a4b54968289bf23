import type { AuditCounts } from '../../ports/audit.ts';
import type { Receipt } from '../../use-cases/audit/commands.ts';
import { type Answer, route } from '../route.ts';
import type { Browser, PageLanguage } from '../requests/headers.ts';
import { reference } from '../openapi/schema.ts';
import { escaped } from '../presenters/escaped.ts';
import { pageHead, pageHeaders } from '../presenters/sandboxed-page.ts';
import { receiptWords, type ReceiptWords } from '../presenters/receipt-words.ts';
import { nothing } from '../requests/validate.ts';
import { nowhere } from '../where.ts';

/** To programs the receipt as it is signed, to browsers a page to print. Source: anonymization.md §5. */
const receiptAnswer = (receipt: Receipt, { wantsPage, language }: Browser): Answer =>
  wantsPage
    ? {
        status: 200,
        headers: pageHeaders(language),
        text: { type: 'text/html; charset=utf-8', content: receiptPage(receipt, receiptWords[language], language) },
      }
    : { status: 200, text: { type: 'application/jose', content: receipt.signed } };

/** Everything that is signed, in words, and the signed text itself, so that a printed page is a proof, too. */
const receiptPage = ({ claims, signed }: Receipt, words: ReceiptWords, language: PageLanguage): string => {
  const { by, oauth } = claims;
  const actor = named(words.kinds, by.kind);
  const actorId = by.name ?? by.clientId ?? by.userId ?? null;
  const facts: readonly (readonly [string, string | null])[] = [
    [words.what, named(words.calls, claims.call)],
    [words.at, claims.at],
    [words.by, actorId === null ? actor : `${actor} (${actorId})`],
    [words.reason, claims.reason],
    [words.users, String(claims.users)],
    [words.oauth, oauth === undefined ? null : named(words.removals, oauth.removal)],
    [words.values, oauth === undefined ? null : named(words.valueOutcomes, oauth.values)],
    [words.settledAt, oauth?.settledAt ?? null],
    [words.operation, claims.operation],
    [words.digest, claims.digest],
    [words.sealedAs, claims.sealedAs],
    [words.issuedAt, claims.issuedAt],
  ];
  const rows = facts.flatMap(([name, value]) =>
    value === null ? [] : [`<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`],
  );
  return `${pageHead(words.title, language)}    <p>${escaped(words.intro)}</p>
    <table>
${rows.join('\n')}
    </table>
    <h2>${escaped(words.counts)}</h2>
    <table>
<tr><th scope="col">${escaped(words.site)}</th>${columns(words, claims.counts)}</tr>
${claims.sites.map(({ id, counts }) => countsRow(String(id ?? words.noSite), claims.counts, counts)).join('\n')}
${countsRow(words.together, claims.counts, claims.counts)}
    </table>
    <p>${escaped(words.legend)}</p>
    <h2>${escaped(words.proof)}</h2>
    <p>${escaped(words.howToVerify)} <code>/.well-known/jwks.json</code></p>
    <p><code>${escaped(signed)}</code></p>
  </body>
</html>
`;
};

const columns = (words: ReceiptWords, all: AuditCounts): string =>
  Object.keys(all)
    .map((kind) => `<th scope="col">${escaped(named(words.contributions, kind))}</th>`)
    .join('');

const countsRow = (name: string, all: AuditCounts, counts: AuditCounts): string => {
  const cells = Object.keys(all).map((kind) => {
    const { keep = 0, anonymize = 0, remove = 0 } = counts[kind] ?? {};
    return `<td>${keep} / ${anonymize} / ${remove}</td>`;
  });
  return `<tr><th scope="row">${escaped(name)}</th>${cells.join('')}</tr>`;
};

/** What has no word of its own is shown as it stands. */
const named = (words: Readonly<Record<string, string>>, key: string | null): string =>
  key === null ? '–' : (words[key] ?? key);

/** What people keep as proof, and what it is verified with. Source: anonymization.md §5. */
export const receiptRoutes = [
  route({
    method: 'get',
    path: '/receipts/{token}',
    operationId: 'readReceipt',
    summary: 'Read the receipt of an anonymization; browsers get a page to print',
    group: 'Receipts',
    who: 'Whoever knows the address: it is unguessable, and stands in the answer to the call (and for platform admins and who made the call in its operation).',
    needsToken: false,
    guarded: 'secret-path',
    forBrowsers: true,
    query: nothing,
    where: ({ token = '' }) => Promise.resolve(token),
    handler: async ({ useCases }, { where: token, browser }) =>
      receiptAnswer(await useCases.readReceipt(token), browser),
    cache: 'no-store',
    answer: {
      status: 200,
      description:
        'A compact JWS (EdDSA): who asked, when, for which ticket, the digest, sites, counts, and how far the OAuth server is by now. To browsers (`Accept: text/html`) the same as a page in English or Dutch.',
      schema: { type: 'string' },
      mediaType: 'application/jose',
    },
    problems: ['not-found', 'conflict'],
  }),
  route({
    method: 'get',
    path: '/.well-known/jwks.json',
    operationId: 'receiptKeys',
    summary: 'The public keys of receipts, old ones too',
    group: 'Receipts',
    who: 'Everybody.',
    needsToken: false,
    query: nothing,
    where: nowhere,
    handler: ({ useCases }) => Promise.resolve({ status: 200, body: useCases.receiptKeys() }),
    cache: 'private, no-cache',
    answer: { status: 200, description: 'A JWK set.', schema: reference('JwkSet') },
    problems: [],
  }),
];
