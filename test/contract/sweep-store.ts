import { enrol, newPerson, newSite, useSubject, type Start } from './subject.ts';

/** What every SweepStore does. */
export const describeSweepStore = (name: string, start: Start): void => {
  describe(`the walk over all people: ${name}`, () => {
    const subject = useSubject(start);

    it('is held by one instance, and by another when that is silent', async () => {
      const { clock, stores } = subject();
      const began = clock.now();
      expect(await stores.sweeps.progress()).toBeNull();
      const fresh = { position: 0, checked: 0, beganAt: began, endedAt: null };
      expect(await stores.sweeps.hold('one', 1000)).toEqual(fresh);
      expect(await stores.sweeps.hold('two', 1000)).toBeNull();
      clock.advance(900);
      expect(await stores.sweeps.hold('one', 1000)).toEqual(fresh);
      clock.advance(900);
      expect(await stores.sweeps.hold('two', 1000)).toBeNull();
      clock.advance(101);
      expect(await stores.sweeps.hold('two', 1000)).toEqual(fresh);
    });

    it('stands where its holder says, and nobody else', async () => {
      const { clock, stores } = subject();
      clock.advance(5000);
      await stores.sweeps.hold('one', 1000);
      const sweep = { position: 17, checked: 12, beganAt: clock.now(), endedAt: clock.now() };
      expect(await stores.sweeps.moved('one', sweep)).toBe(true);
      expect(await stores.sweeps.moved('one', sweep)).toBe(true);
      expect(await stores.sweeps.moved('two', { ...sweep, position: 99 })).toBe(false);
      expect(await stores.sweeps.progress()).toEqual(sweep);
    });

    it('goes on with people whose copy is old, who are active and have a live row, in id order', async () => {
      const { clock, stores } = subject();
      const siteId = await newSite(subject());
      const [never, old, young, removing, rowless, deleted] = await Promise.all(
        Array.from({ length: 6 }, async () => (await newPerson(subject())).id),
      );
      for (const personId of [never, old, young, removing]) await enrol(subject(), { siteId, personId: personId ?? 0 });
      await enrol(subject(), { siteId, personId: deleted ?? 0, deletedAt: clock.now() });
      await stores.persons.setFetchedAt(young ?? 0, clock.now());
      await stores.persons.setFetchedAt(old ?? 0, new Date(clock.now().getTime() - 61_000));
      await stores.persons.setState(removing ?? 0, 'removing');
      const notSince = new Date(clock.now().getTime() - 60_000);
      const wanted = [never ?? 0, old ?? 0].sort((one, other) => one - other);
      const found = (await stores.sweeps.next(0, notSince, 1000)).map(({ id }) => id);
      const own = [never, old, young, removing, rowless, deleted];
      expect(found.filter((id) => own.includes(id))).toEqual(wanted);
      expect((await stores.sweeps.next(wanted[0] ?? 0, notSince, 1000)).map(({ id }) => id)).not.toContain(wanted[0]);
      expect(await stores.sweeps.next(0, notSince, 1)).toHaveLength(1);
    });
  });
};
