/** Recorded walks that nothing of ours comes to, and why; all others are replayed (login-flows.test.ts). */
export const unusedFlows: readonly (readonly [begins: string, why: string])[] = [
  ['already logged in; authorize: response_type=token', 'the implicit grant: we ask for codes only'],
  ['e-mail link; eight wrong links in a row', 'its limits by address: a development server has none'],
  ['e-mail link; a right link after eight wrong ones', 'the same'],
  ['e-mail link; the same from another address', 'the same'],
  [
    'through openstad-api',
    "OpenStad's own login at the API, which ours takes the place of: test/journeys/sentences/login.test.ts",
  ],
];
