import { Fault } from '../../domain/fault.ts';
import { reference } from '../openapi/described.ts';
import { nothing } from '../requests/nothing.ts';
import { route } from '../route.ts';
import { nowhere } from '../where.ts';

/** Addresses of receipts are 32 bytes in base64url; what is no address is not looked for. */
const isAddress = (token: string): boolean => /^[\w-]{43}$/.test(token);

/** What people keep as proof, and what it is verified with. Source: anonymization.md §5. */
export const receiptRoutes = [
  route({
    method: 'get',
    path: '/receipts/{token}',
    operationId: 'readReceipt',
    summary: 'Read the receipt of an anonymization',
    group: 'Receipts',
    who: 'Whoever knows the address: it is unguessable, and stands only in the answer to the call.',
    needsToken: false,
    guarded: 'guess',
    query: nothing,
    where: ({ token = '' }) => Promise.resolve(token),
    tell: async ({ stories }, { where: token }) => {
      if (!isAddress(token)) throw new Fault('not-found', {}, 'There is no such receipt.');
      return { status: 200, text: { type: 'application/jose', content: await stories.readReceipt(token) } };
    },
    cache: 'no-store',
    answer: {
      status: 200,
      description:
        'A compact JWS (EdDSA): who asked, when, the digest, sites, counts, and how far the OAuth server is by now.',
      schema: { type: 'string' },
      mediaType: 'application/jose',
    },
    problems: ['not-found'],
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
    tell: ({ stories }) => Promise.resolve({ status: 200, body: stories.receiptKeys() }),
    cache: 'private, no-cache',
    answer: { status: 200, description: 'A JWK set.', schema: reference('JwkSet') },
    problems: [],
  }),
];
