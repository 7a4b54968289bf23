import type { NewClient, NewClientToken } from '../../src/ports/credentials.ts';
import { anId } from '../support/builders.ts';
import { statementsOf, useSubject, type Start } from './subject.ts';

/** What every ClientStore does. */
export const describeClientStore = (name: string, start: Start): void => {
  describe(`management clients: ${name}`, () => {
    const subject = useSubject(start);
    const store = () => subject().stores.clients;
    const now = () => subject().clock.now();
    const later = (seconds: number) => new Date(now().getTime() + seconds * 1000);
    const aClient = (said: Partial<NewClient> = {}): NewClient => ({
      name: 'Back office “Zuid”',
      key: `civ_${anId()}`,
      secret: 'a'.repeat(64),
      scopes: ['public', 'authentication'],
      siteIds: [2, 1],
      issuer: 'https://oauth.example',
      createdAt: now(),
      ...said,
    });
    const added = async (said: Partial<NewClient> = {}) => {
      const client = aClient(said);
      return { ...client, id: await store().add(client) };
    };
    const tokenOf = async (clientId: number, said: Partial<NewClientToken> = {}) => {
      const fingerprint = `token ${anId()}`;
      const token: NewClientToken = {
        fingerprint,
        clientId,
        scopes: ['public'],
        createdAt: now(),
        expiresAt: later(7200),
        ...said,
      };
      await store().addToken(token);
      return fingerprint;
    };

    it('are found by their key as they were added, with their sites in order', async () => {
      const { secret, ...client } = await added();
      const shown = { ...client, siteIds: [1, 2], lastUsedAt: null };
      expect(await store().byKey(client.key)).toEqual({ ...shown, secret, previous: null, previousExpiresAt: null });
      expect(await store().byKey(client.key.toUpperCase())).toBeNull();
      expect(await store().byId(client.id)).toEqual(shown);
      expect([await store().byId(0), await store().byId(2_147_483_600)]).toEqual([null, null]);
      expect((await store().all()).find(({ id }) => id === client.id)).toEqual(shown);
    });

    it('are found by their tokens, in one statement, until those run out', async () => {
      const { id } = await added();
      const token = await tokenOf(id, { scopes: ['public', 'authentication'] });
      const found = await store().byToken(token);
      expect([found?.client.id, found?.client.siteIds, found?.scopes]).toEqual([
        id,
        [1, 2],
        ['public', 'authentication'],
      ]);
      expect([found?.createdAt, found?.expiresAt]).toEqual([now(), later(7200)]);
      expect(await store().byToken(`${token}x`)).toBeNull();
      expect((await statementsOf(subject(), () => store().byToken(token))) ?? 1).toBe(1);
      expect((await statementsOf(subject(), () => store().byKey('civ_nobody'))) ?? 1).toBe(1);
      subject().clock.advance(7_200_001);
      expect(await store().byToken(token)).toBeNull();
      await store().forgetExpired(now());
      await tokenOf(id, { fingerprint: token });
    });

    it('end their own tokens, and no other client’s', async () => {
      const [one, other] = [await added(), await added()];
      const token = await tokenOf(one.id);
      await store().endToken(token, other.id);
      expect(await store().byToken(token)).not.toBeNull();
      await store().endToken(token, one.id);
      await store().endToken(token, one.id);
      expect(await store().byToken(token)).toBeNull();
    });

    it('keep the secret from before a rotation, and only that one', async () => {
      const { id, key } = await added();
      expect(await store().rotate(id, 'b'.repeat(64), later(60))).toBe(true);
      expect(await store().rotate(id, 'c'.repeat(64), later(120))).toBe(true);
      expect(await store().byKey(key)).toMatchObject({
        secret: 'c'.repeat(64),
        previous: 'b'.repeat(64),
        previousExpiresAt: later(120),
      });
      expect(await store().rotate(2_147_483_600, 'd', later(60))).toBe(false);
    });

    it('that are revoked are not there any more, nor are their tokens', async () => {
      const { id, key } = await added();
      const token = await tokenOf(id);
      expect(await store().revoke(id, now())).toBe(true);
      expect([await store().byKey(key), await store().byId(id), await store().byToken(token)]).toEqual([
        null,
        null,
        null,
      ]);
      expect((await store().all()).map((one) => one.id)).not.toContain(id);
      expect([await store().revoke(id, now()), await store().rotate(id, 'e', later(1))]).toEqual([false, false]);
      expect([await store().revoke(0, now()), await store().revoke(1.5, now())]).toEqual([false, false]);
    });

    it('are noted as used once a minute at most', async () => {
      const { id, key } = await added();
      const known = async () => (await store().byKey(key))?.lastUsedAt ?? null;
      const first = now();
      await store().noteUse({ id, lastUsedAt: null }, first);
      expect(await known()).toEqual(first);
      await store().noteUse({ id, lastUsedAt: first }, later(59));
      // Another instance that has not heard of it yet writes nothing either.
      await store().noteUse({ id, lastUsedAt: null }, later(59));
      expect(subject().statements() === null || (await known())?.getTime() === first.getTime()).toBe(true);
      await store().noteUse({ id, lastUsedAt: first }, later(60));
      expect(await known()).toEqual(later(60));
    });
  });
};
