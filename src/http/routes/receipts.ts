import { reference } from '../openapi/described.ts';
import { receiptAnswer } from '../presenters/receipt-page.ts';
import { nothing } from '../requests/nothing.ts';
import { route } from '../route.ts';
import { nowhere } from '../where.ts';

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
    guarded: 'guess',
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
