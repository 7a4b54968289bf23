import { visitor } from '../../src/domain/actor.ts';
import { RunAgain } from '../../src/ports/unit-of-work.ts';
import { aNewRow } from '../support/builders.ts';
import { enrol, lockedRows, newPerson, newSite, useSubject, type Start } from './subject.ts';

/** A signal that one part of a test gives and another waits for. */
const signal = () => {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { give, given };
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const describeUnitOfWork = (name: string, start: Start): void => {
  describe(`a unit of work of ${name}`, () => {
    const subject = useSubject(start);
    const stores = () => subject().stores;
    const inOne = <T>(work: () => Promise<T>): Promise<T> => stores().inOneTransaction(work);
    const rename = async (siteId: number, id: number, firstName: string): Promise<void> => {
      const rows = await lockedRows(subject(), siteId, id);
      await stores().users.save(rows.map((before) => ({ before, after: { ...before, firstName } })));
    };
    const nameOf = async (siteId: number, id: number) => (await stores().users.find(siteId, id))?.firstName;

    it('leaves nothing behind when it throws, in any table', async () => {
      const siteId = await newSite(subject());
      const id = await enrol(subject(), { siteId, firstName: 'before' });
      let made = 0;
      const failing = inOne(async () => {
        await rename(siteId, id, 'after');
        made = (await stores().persons.ensure('https://oauth.example', `undone-${siteId}`, true)).id;
        await stores().outbox.add({ topic: 'person.refresh', key: `undone-${siteId}`, payload: { personId: made } });
        expect(await nameOf(siteId, id)).toBe('after');
        throw new Error('mine');
      });
      await expect(failing).rejects.toThrow('mine');
      expect(await nameOf(siteId, id)).toBe('before');
      expect(await stores().persons.find(made)).toBeNull();
      expect(await stores().outbox.findLocked('person.refresh', `undone-${siteId}`)).toBeNull();
    });

    it('joins a running one: what is inside goes when the outer one fails', async () => {
      const siteId = await newSite(subject());
      let inner = 0;
      const failing = inOne(async () => {
        inner = await inOne(() => stores().users.insert(aNewRow({ siteId })));
        throw new Error('outer');
      });
      await expect(failing).rejects.toThrow('outer');
      expect(await stores().users.find(siteId, inner)).toBeNull();
    });

    it('is run again whole when asked, three times at most, then is busy', async () => {
      let runs = 0;
      const answer = await inOne(async () => {
        runs += 1;
        if (runs < 3) throw new RunAgain('not yet');
        return 'there';
      });
      expect([answer, runs]).toEqual(['there', 3]);
      let tries = 0;
      const failing = inOne(async () => {
        tries += 1;
        await inOne(() => Promise.reject(new RunAgain('never')));
      });
      await expect(failing).rejects.toMatchObject({ code: 'busy' });
      expect(tries).toBe(3);
    });

    it('keeps nothing of a run that was run again', async () => {
      const siteId = await newSite(subject());
      let runs = 0;
      await inOne(async () => {
        await stores().users.insert(aNewRow({ siteId }));
        runs += 1;
        if (runs === 1) throw new RunAgain('once more');
      });
      const query = {
        siteId,
        role: 'admin',
        conditions: [],
        sort: { field: 'id', direction: 'ASC' },
        limit: 10,
      } as const;
      expect(await stores().users.list({ ...query, actor: visitor })).toHaveLength(1);
      expect(await stores().users.countListed({ ...query, actor: visitor })).toBe(1);
    });

    it('shows nobody what it has not committed', async () => {
      const siteId = await newSite(subject());
      const id = await enrol(subject(), { siteId, firstName: 'before' });
      const [written, seen] = [signal(), signal()];
      const failing = inOne(async () => {
        await rename(siteId, id, 'never');
        written.give();
        await Promise.race([seen.given, pause(500)]);
        throw new Error('undone');
      });
      failing.catch(() => undefined);
      await written.given;
      expect(await nameOf(siteId, id)).toBe('before');
      seen.give();
      await expect(failing).rejects.toThrow('undone');
      expect(await nameOf(siteId, id)).toBe('before');
    });

    it('that waited for a lock sees what was committed before it', async () => {
      const siteId = await newSite(subject());
      const { id: personId } = await newPerson(subject());
      const id = await enrol(subject(), { siteId, personId, firstName: '' });
      const append = (letter: string) =>
        inOne(async () => {
          // A plain read first: under REPEATABLE READ it would fix what the unit sees.
          await stores().persons.byExternalId('https://oauth.example', 'nobody');
          const [row] = await lockedRows(subject(), siteId, id);
          const now = await nameOf(siteId, id);
          if (row !== undefined)
            await stores().users.save([{ before: row, after: { ...row, firstName: `${now ?? ''}${letter}` } }]);
        });
      await Promise.all(Array.from('abcdefghij', append));
      expect(
        Array.from((await nameOf(siteId, id)) ?? '')
          .sort()
          .join(''),
      ).toBe('abcdefghij');
    });

    it('of two persons, the other way round, ends without harm', async () => {
      const siteId = await newSite(subject());
      const ids = [await enrol(subject(), { siteId }), await enrol(subject(), { siteId })] as const;
      const both = async (first: number, second: number): Promise<void> =>
        inOne(async () => {
          await rename(siteId, first, 'one');
          await pause(20);
          await rename(siteId, second, 'one');
        });
      await Promise.all([both(ids[0], ids[1]), both(ids[1], ids[0])]);
      expect([await nameOf(siteId, ids[0]), await nameOf(siteId, ids[1])]).toEqual(['one', 'one']);
    });

    it('does not hold others back for ever when it fails half-way among many', async () => {
      const siteId = await newSite(subject());
      const id = await enrol(subject(), { siteId });
      const many = Array.from({ length: 30 }, (_, number) =>
        inOne(async () => {
          await rename(siteId, id, `n${number}`);
          if (number % 2 === 0) throw new Error('undone');
        }).catch((error: unknown) => error),
      );
      const ended = await Promise.all(many);
      expect(ended.filter((one) => one === undefined)).toHaveLength(15);
    });

    it('as a snapshot sees one moment, whatever is committed meanwhile', async () => {
      const siteId = await newSite(subject());
      const id = await enrol(subject(), { siteId, firstName: 'before' });
      const [read, changed] = [signal(), signal()];
      const snapshot = stores().inOneSnapshot(async () => {
        const first = await nameOf(siteId, id);
        read.give();
        await Promise.race([changed.given, pause(500)]);
        return [
          first,
          await nameOf(siteId, id),
          await stores().persons.byExternalId('https://oauth.example', `mid-${siteId}`),
        ];
      });
      await read.given;
      await inOne(async () => {
        await rename(siteId, id, 'after');
        await stores().persons.ensure('https://oauth.example', `mid-${siteId}`, true);
      });
      changed.give();
      expect(await snapshot).toEqual(['before', 'before', null]);
      expect(await nameOf(siteId, id)).toBe('after');
    });
  });
};
