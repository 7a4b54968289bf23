import fc from 'fast-check';
import { oauthServers } from '../../src/identity/index.ts';
import type { IdentityProvider } from '../../src/ports/identity-provider.ts';
import { silentLog, startOauthWorld, type OauthWorld } from '../support/oauth-world.ts';
import { permitted } from '../support/permitted.ts';

/** The OAuth server takes texts for HTML (recordings, "c. text"); what the adapter wrote comes back as it was written. */
let world: OauthWorld;
let identity: IdentityProvider & { close(): Promise<void> };
beforeAll(async () => {
  world = await startOauthWorld({ people: [{ id: 5, email: 'niels@example.org' }] });
  identity = oauthServers({
    allowedHosts: [world.host],
    globalOauthClient: null,
    timeLimitMs: 20_000,
    log: silentLog,
  });
});
afterAll(async () => {
  await identity.close();
  await world.close();
});

const markup = [
  '<',
  '>',
  '&',
  '"',
  "'",
  '\\',
  '<b',
  '</b>',
  '&amp;',
  '&lt;',
  '&quot;',
  '<!--',
  '<script>',
  'a',
  ' ',
  'é',
];
const text = fc.oneof(
  fc.array(fc.constantFrom(...markup), { minLength: 1, maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
);
const extraData = fc.dictionary(text, fc.oneof(text, fc.array(text), fc.dictionary(text, text)), { maxKeys: 4 });

describe('What is written to an OpenStad OAuth server', () => {
  it('comes back as it was written, whatever it looks like, in columns and in keys and values of extraData', async () => {
    const client = world.client();
    await fc.assert(
      fc.asyncProperty(text, extraData, async (firstName, values) => {
        const isRefused = [
          identity.refusesText(firstName),
          ...Object.entries(values).map(([key, value]) => identity.refusesEntry(key, value)),
        ].some((why) => why !== null);
        fc.pre(!isRefused);

        const answer = await permitted(identity).update(client, '5', { firstName, extraData: values });
        const found = await identity.find(client, '5', []);

        expect(answer).toMatchObject({ firstName });
        expect([answer.extraData, found?.extraData]).toEqual([values, values]);
        expect(found?.firstName).toBe(firstName);
      }),
      { numRuns: 200 },
    );
  });

  it.each(['a&b@example.org', "o'brien<x>@example.org"])('finds somebody by the address %s', async (email) => {
    const client = world.client();
    const { externalId } = await permitted(identity).create(client, { email });

    expect(await identity.findByEmail(client, email, [])).toMatchObject({ externalId, email });
    expect(await identity.isAddressFree(client, email, externalId)).toBe(true);
  });

  it('takes no address for free that its collation takes for somebody’s', async () => {
    const client = world.client();
    const { externalId } = await permitted(identity).create(client, { email: 'irene@example.org' });

    expect(await identity.isAddressFree(client, 'irène@example.org', '5')).toBe(false);
    expect(await identity.isAddressFree(client, 'irène@example.org', externalId)).toBe(true);
  });

  it.each([
    ['an emoji', '😀'],
    ['half a character', '\ud83d'],
    ['more than a column holds once it is written there', '&'.repeat(52)],
  ])('is refused before the server is asked: %s', (_what, value) => {
    expect(identity.refusesText(value)).toEqual(expect.any(String));
  });

  it('is told to be too much, all together, when it is', async () => {
    const change = permitted(identity).update(world.client(), '5', { extraData: { note: '&'.repeat(21_000) } });

    await expect(change).rejects.toMatchObject({
      code: 'invalid-values',
      facts: { errors: [{ pointer: '/extraData' }] },
    });
  });
});
