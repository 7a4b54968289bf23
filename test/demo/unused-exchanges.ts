/**
 * The recorded exchanges with the real OAuth server of which the OpenStad adapter makes no use, and why; what is not in this table is
 * replayed. An exchange's name is its own (`recordings/openstad-oauth-server*.json`).
 */
export const unusedExchanges: readonly { readonly why: string; readonly names: readonly string[] }[] = [
  {
    why: 'The adapter reads clients; it never changes, makes or deletes one. What a client asks of its visitors stays with OpenStad.',
    names: [
      'client update: only config',
      'client update: clientSecret in the body',
      'client create',
      'client delete: with roles of people',
    ],
  },
  {
    why: 'The adapter asks about one person at a time, by id or by address: it never lists or searches people.',
    names: [
      'list: no parameters',
      'list: limit and offset',
      'list: next page',
      'list: limit above 1,000',
      'list: offset beyond the end',
      'list: limit=0',
      'list: limit=-1',
      'list: limit=abc',
      'list: limit=2.9',
      'list: offset=-1',
      'list: offset without limit',
      'list: page, pageSize, sort',
      'list: search',
      'list: search with %',
      'list: search and email',
      'list: email and limit=1',
      'list: email and offset=1',
      'find: empty',
    ],
  },
  {
    why: 'The adapter keeps neither cookies nor answers of the admin calls: what is only said by headers does not matter to it.',
    names: ['roles: If-None-Match', 'cookies on API calls'],
  },
  {
    why: 'The adapter asks userinfo whose token it has. `tokeninfo` ends the server process.',
    names: ['tokeninfo', 'tokeninfo: no token'],
  },
  {
    why: 'How long an old token lives in their table is not for the adapter to know: it counts while userinfo takes it.',
    names: ['token: expirationDate in the database passed'],
  },
  {
    why: 'Passwords never pass through the adapter.',
    names: ['password with markup'],
  },
];
