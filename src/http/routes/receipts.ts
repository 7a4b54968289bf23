import type { AuditCounts } from '../../ports/audit.ts';
import type { Receipt } from '../../use-cases/audit/commands.ts';
import { type Answer, route } from '../route.ts';
import type { Browser, PageLanguage } from '../requests/headers.ts';
import { reference } from '../openapi/schema.ts';
import { escaped, factsTable, isolated, pageEnd, pageHead, sandboxedHeaders, timeElement } from '../presenters/page.ts';
import { receiptWords, type ReceiptWords } from '../presenters/receipt-words.ts';
import { nothing } from '../requests/validate.ts';
import { nowhere } from '../where.ts';

/** To programs the receipt as it is signed, to browsers a page to print. Source: anonymization.md §5. */
const receiptAnswer = (receipt: Receipt, { wantsPage, language }: Browser): Answer =>
  wantsPage
    ? {
        status: 200,
        headers: sandboxedHeaders(language),
        text: { type: 'text/html; charset=utf-8', content: receiptPage(receipt, receiptWords[language], language) },
      }
    : { status: 200, text: { type: 'application/jose', content: receipt.signed } };

/** Everything that is signed, in words, and the signed text itself, so that a printed page is a proof, too. */
const receiptPage = ({ claims, signed }: Receipt, words: ReceiptWords, language: PageLanguage): string => {
  const { by, oauth } = claims;
  const actor = named(words.kinds, by.kind);
  const actorId = by.name ?? by.clientId ?? by.userId ?? null;
  const time = (moment: string | null | undefined): string | null =>
    moment === null || moment === undefined ? null : timeElement(moment, language);
  const text = (value: string | null): string | null => (value === null ? null : escaped(value));
  const code = (value: string | null): string | null => (value === null ? null : `<code>${escaped(value)}</code>`);
  return `${pageHead(words.title, language)}    <p>${escaped(words.intro)}</p>
${factsTable([
  [words.what, escaped(named(words.calls, claims.call))],
  [words.at, time(claims.at)],
  [words.by, actorId === null ? escaped(actor) : `${escaped(actor)} (${isolated(String(actorId))})`],
  [words.reason, text(claims.reason)],
  [words.users, String(claims.users)],
  [words.late, claims.late === undefined ? null : String(claims.late)],
  [words.oauth, oauth === undefined ? null : escaped(named(words.removals, oauth.removal))],
  [words.values, oauth === undefined ? null : escaped(named(words.valueOutcomes, oauth.values))],
  [words.settledAt, time(oauth?.settledAt)],
])}    <h2>${escaped(words.counts)}</h2>
${countsTable(claims, words)}    <h2>${escaped(words.marks)}</h2>
${factsTable([
  [words.operation, code(claims.operation)],
  [words.digest, code(claims.digest)],
  [words.sealedAs, code(claims.sealedAs)],
  [words.issuedAt, time(claims.issuedAt)],
])}    <h2>${escaped(words.proof)}</h2>
    <p>${escaped(words.howToVerify)} <code>/.well-known/jwks.json</code>.</p>
    <p><code>${escaped(signed)}</code></p>
${pageEnd}`;
};

/** What became of how many contributions, site by site: a row for each kind and disposition of which there was any. */
const countsTable = ({ sites, counts }: Receipt['claims'], words: ReceiptWords): string => {
  const rows = [
    ...sites.flatMap((site) => countsRows(site.id === null ? words.noSite : String(site.id), site.counts, words)),
    ...(sites.length > 1 ? countsRows(words.together, counts, words) : []),
  ];
  if (rows.length === 0) return `    <p>${escaped(words.nothing)}</p>\n`;
  const heads = [words.site, words.contribution, words.became, words.number].map(
    (head) => `<th scope="col">${escaped(head)}</th>`,
  );
  return `    <table class="counts">\n<tr>${heads.join('')}</tr>\n${rows.join('\n')}\n    </table>\n`;
};

const countsRows = (site: string, counts: AuditCounts, words: ReceiptWords): readonly string[] =>
  Object.entries(counts).flatMap(([kind, dispositions]) =>
    Object.entries(dispositions).flatMap(([disposition, count]) =>
      count === 0
        ? []
        : [
            `<tr><th scope="row">${escaped(site)}</th><td>${escaped(named(words.contributions, kind))}</td><td>${escaped(named(words.dispositions, disposition))}</td><td>${count}</td></tr>`,
          ],
    ),
  );

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
    ofEverySite: true,
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
      orAs: 'text/html',
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
