import { aDay, anId } from '../support/builders.ts';
import { siteRow, useSubject, type Start } from './subject.ts';

export const describeSiteStore = (name: string, start: Start): void => {
  describe(`sites, kept by ${name}`, () => {
    const subject = useSubject(start);
    const sites = () => subject().stores.sites;
    const put = async (said: Readonly<Record<string, unknown>> = {}) => {
      const row = siteRow(said);
      await subject().insert('sites', row);
      return row;
    };

    it('are found by id and by domain, with what their config says', async () => {
      const config = { users: { allowUseOfNicknames: true }, votes: { isActive: true }, title: 'Één' };
      const domain = `stad-${anId()}.example`;
      const { id } = await put({ config, domain, areaId: 12 });
      const site = await sites().byId(id);
      expect(site).toMatchObject({ id, domain, areaId: 12, createdAt: aDay, rawConfig: config });
      expect(site?.config.users.allowUseOfNicknames).toBe(true);
      expect(site?.config.votes.isActive).toBe(true);
      expect((await sites().byDomain(domain))?.id).toBe(id);
    });

    it('do not exist when nobody knows them or they are soft-deleted', async () => {
      const gone = await put({ deletedAt: aDay, domain: `weg-${anId()}.example` });
      const live = await put();
      expect(await sites().byId(gone.id)).toBeNull();
      expect(await sites().byDomain(String(gone['domain']))).toBeNull();
      expect(await sites().byId(2_147_483_600)).toBeNull();
      expect(await sites().byDomain('nobody.example')).toBeNull();
      expect((await sites().readNow([gone.id, live.id])).map(({ id }) => id)).toEqual([live.id]);
    });

    it('come in id order, also past the cache', async () => {
      const made = [await put(), await put(), await put()].map(({ id }) => id);
      // A list may be as old as the cache's time.
      subject().clock.advance(3_600_000);
      const now = await sites().readNow([...made].reverse());
      expect(now.map(({ id }) => id)).toEqual(made);
      expect(await sites().readNow([])).toEqual([]);
      const all = (await sites().all()).map(({ id }) => id);
      expect(all).toEqual([...all].sort((one, other) => one - other));
    });

    it('with an unreadable config still are sites', async () => {
      const { id } = await put({ config: { users: 'no object', votes: [1], oauth: null } });
      expect((await sites().byId(id))?.config.users.canCreateNewUsers).toBe(true);
    });
  });
};
