import { aDay, aNewRow, anId } from '../support/builders.ts';
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

    it('are made and changed, and what was kept of them is forgotten when somebody says so', async () => {
      const { inOneTransaction } = subject().stores;
      const domain = `nieuw-${anId()}.example`;
      const values = { name: 'nieuw', title: 'Een nieuwe', domain, areaId: null, config: { a: { b: '😀' } } };
      const id = await inOneTransaction(() => sites().insert(values, aDay));
      expect(await sites().byId(id)).toMatchObject({
        id,
        name: 'nieuw',
        rawConfig: { a: { b: '😀' } },
        createdAt: aDay,
      });
      expect(await sites().idOfDomain(domain)).toBe(id);

      const later = new Date(aDay.getTime() + 60_000);
      await inOneTransaction(async () => {
        expect((await sites().locked(id))?.title).toBe('Een nieuwe');
        await sites().save(id, { ...values, title: 'Anders', config: { votes: { isViewable: true } } }, later);
      });
      sites().changed(id);

      const after = await sites().byId(id);
      expect(after).toMatchObject({ title: 'Anders', areaId: null, createdAt: aDay, updatedAt: later });
      expect([after?.rawConfig, after?.config.votes.isViewable]).toEqual([{ votes: { isViewable: true } }, true]);
    });

    it('that a unit of work changed are to it what it made of them, and to others not before the commit', async () => {
      const { inOneTransaction } = subject().stores;
      const domain = `eigen-${anId()}.example`;
      const { id } = await put({ domain, title: 'Oud' });
      const titles = async () => [
        (await sites().byId(id))?.title,
        (await sites().byDomain(domain))?.title,
        (await sites().all()).find((site) => site.id === id)?.title,
        (await sites().allNow()).all.find((site) => site.id === id)?.title,
      ];
      sites().forget();
      expect(await titles()).toEqual(Array(4).fill('Oud'));
      const values = { name: 'eigen', title: 'Nieuw', domain, areaId: null, config: {} };
      const undone = inOneTransaction(async () => {
        await sites().save(id, values, aDay);
        expect(await titles()).toEqual(Array(4).fill('Nieuw'));
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      expect(await titles()).toEqual(Array(4).fill('Oud'));
    });

    it('that are removed are past: nobody finds them, nobody changes them, and nobody new comes', async () => {
      const { inOneTransaction, users } = subject().stores;
      const { id, domain } = await put({ domain: `eind-${anId()}.example` });
      await inOneTransaction(async () => {
        await sites().locked(id);
        await sites().remove(id, aDay);
      });
      sites().changed(id);

      expect((await sites().all()).map((site) => site.id)).not.toContain(id);
      expect(await sites().byId(id)).toBeNull();
      expect(await sites().idOfDomain(String(domain))).toBeNull();
      expect(await inOneTransaction(() => sites().locked(id))).toBeNull();
      expect((await sites().past()).map((site) => site.id)).toContain(id);
      await expect(users.insert(aNewRow({ siteId: id }))).rejects.toMatchObject({ code: 'site-not-found' });
    });

    it('are read past the cache, all and past ones, and then kept; many who ask at once share readings that began afterwards', async () => {
      const first = await put({ domain: `eerst-${anId()}.example` });
      await sites().allNow();
      const early = Promise.all([sites().allNow(), sites().allNow()]);
      const [later, gone] = [await put({ title: 'Later' }), await put({ deletedAt: aDay })];

      const many = await Promise.all(Array.from({ length: 20 }, () => sites().allNow()));

      for (const { all, past } of many)
        expect([all.map(({ id }) => id), past.map(({ id }) => id)]).toEqual([
          expect.arrayContaining([first.id, later.id]),
          expect.arrayContaining([gone.id]),
        ]);
      expect((await early).every(({ all }) => all.some(({ id }) => id === first.id))).toBe(true);
      expect((await sites().all()).map(({ id }) => id)).toContain(later.id);
      const { inOneTransaction } = subject().stores;
      await inOneTransaction(async () => {
        const { name, domain, areaId, rawConfig: config } = (await sites().locked(later.id))!;
        await sites().save(later.id, { name, title: 'Anders', domain, areaId, config }, aDay);
      });
      expect((await sites().allNow()).all.find(({ id }) => id === later.id)?.title).toBe('Anders');
      // What was kept of one of them goes, where it turns out to be another.
      expect((await sites().byId(later.id))?.title).toBe('Anders');
    });

    it('with an unreadable config still are sites', async () => {
      const { id } = await put({ config: { users: 'no object', votes: [1], oauth: null } });
      expect((await sites().byId(id))?.config.users.canCreateNewUsers).toBe(true);
    });
  });
};
