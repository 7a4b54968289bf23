import { atLeast, roleAt, type Actor, type Role } from '../../src/domain/actor.ts';
import { askedWords, wordsIn } from '../../src/domain/users/personal-text.ts';
import type { Naming } from '../../src/domain/users/user-visibility.ts';
import { visibleTo } from '../support/visible-to.ts';
import type { User, UserRow } from '../../src/domain/users/user.ts';
import type { ListQuery } from '../../src/ports/user-store.ts';
import { aDay, anActor, aSite } from '../support/builders.ts';
import { adminQuery, idsOf, walk } from './list-queries.ts';
import { enrol, lockedRows, newPerson, newSite, statementsOf, useSubject, type Start } from './subject.ts';

const configs = {
  'full-name': {},
  'nick-name-or-full-name': { users: { allowUseOfNicknames: true } },
  'nick-name': { users: { displayName: 'nick' } },
} as const satisfies Record<Naming, object>;
const namings = Object.keys(configs) as Naming[];

/** What a search finds, for whom, and that it follows what is written. */
export const describeUserSearch = (name: string, start: Start): void => {
  describe(`users, searched by ${name}`, () => {
    const subject = useSubject(start);
    const searching = (siteId: number, q: string, said: Partial<ListQuery> = {}): ListQuery =>
      adminQuery(siteId, { search: { words: askedWords(q), naming: 'full-name' }, ...said });
    const find = async (siteId: number, q: string, said: Partial<ListQuery> = {}): Promise<readonly number[]> => {
      const query = searching(siteId, q, said);
      const ids = idsOf(await subject().stores.users.list(query));
      expect([q, await subject().stores.users.count(query)]).toEqual([q, ids.length]);
      return ids;
    };

    describe('a word', () => {
      let siteId = 0;
      const ids: Record<string, number> = {};
      beforeAll(async () => {
        siteId = await newSite(subject());
        const people: Record<string, Partial<UserRow>> = {
          zoe: { firstName: 'Zoë', lastName: 'van der Méer', email: 'z.meer+stad@voorbeeld.example' },
          oneil: { firstName: "O'Neil", lastName: 'Straße' },
          twice: { firstName: 'Jan', lastName: 'Jansen', email: 'jan.jansen@jan.example' },
          signs: { firstName: 'a%b_c', lastName: '100\\%' },
          emoji: { firstName: '🙂', lastName: 'Blij 👍' },
          greek: { firstName: 'ΟΔΥΣΣΕΥΣ', lastName: '한국' },
          unnamed: {},
          deleted: { firstName: 'Zoë', deletedAt: aDay },
          anonymized: { firstName: 'Zoë', lastName: 'verwijderd', anonymizedAt: aDay },
        };
        for (const [who, said] of Object.entries(people)) ids[who] = await enrol(subject(), { siteId, ...said });
        await enrol(subject(), { siteId: await newSite(subject()), firstName: 'Zoë' });
        await enrol(subject(), { siteId: null, firstName: 'Zoë' });
      });

      test.each([
        ['zoe', ['zoe']],
        ['ZOË', ['zoe']],
        ['zo', ['zoe']],
        ['oe', []],
        ['zoek', []],
        ['meer zoe', ['zoe']],
        ['der van', ['zoe']],
        ['zoe jansen', []],
        ['z.meer+stad@voorbeeld.example', ['zoe']],
        ['voorbeeld', ['zoe']],
        ["o'neil", ['oneil']],
        ['STRASSE', ['oneil']],
        ['j', ['twice']],
        ['jan jansen j', ['twice']],
        ['a b c', ['signs']],
        ['100', ['signs']],
        ['10%', ['signs']],
        ['blij', ['emoji']],
        ['οδυσσευς', ['greek']],
        ['οδυσσ', ['greek']],
        ['한', ['greek']],
        ['verwijderd', []],
        ["' OR 1=1 -- ", []],
      ])('%j finds %j', async (q, who) => {
        expect(await find(siteId, q)).toEqual(who.map((one) => ids[one]));
      });

      it('is counted as it is kept, up to a number', async () => {
        const { users } = subject().stores;
        expect(await users.countWords(siteId, ['zoe', 'jan', 'j', 'zoek', 'b', ''], 100)).toEqual([1, 4, 4, 0, 2, 24]);
        expect(await users.countWords(siteId, ['zoe', 'jan'], 2)).toEqual([1, 2]);
        expect(await users.countWords(siteId, [], 2)).toEqual([]);
      });

      it('finds the same whichever word leads', async () => {
        for (const lead of ['jan', 'jansen', 'example']) {
          const search = { words: ['jan', 'jansen', 'example'], naming: 'full-name' as const, lead };
          expect(idsOf(await subject().stores.users.list(adminQuery(siteId, { search })))).toEqual([ids['twice']]);
        }
      });

      it('finds in any order, page by page, and with a filter', async () => {
        const { users } = subject().stores;
        for (const direction of ['ASC', 'DESC'] as const)
          for (const field of ['id', 'lastName', 'email'] as const) {
            const query = searching(siteId, 'j', { sort: { field, direction } });
            const everybody = { ...query, search: { words: ['b'], naming: 'full-name' as const } };
            expect(idsOf(await walk(users, { ...query, limit: 1 }))).toEqual([ids['twice']]);
            const whole = idsOf(await users.list(everybody));
            expect([...whole].sort()).toEqual([ids['signs'], ids['emoji']]);
            expect(idsOf(await walk(users, { ...everybody, limit: 1 }))).toEqual(whole);
            expect(idsOf(await users.list({ ...everybody, limit: 1, offset: 1 }))).toEqual(whole.slice(1));
          }
        const named = { field: 'lastName', is: 'different', values: ['Blij 👍'] } as const;
        expect(await find(siteId, 'b', { conditions: [named] })).toEqual([ids['signs']]);
      });
    });

    describe('for whom', () => {
      let siteId = 0;
      let users: readonly User[] = [];
      const actors: Record<string, Actor> = {};
      const detailRoles: readonly (Role | null)[] = [null, 'all', 'member', 'moderator', 'admin'];
      beforeAll(async () => {
        siteId = await newSite(subject());
        const names = { firstName: 'Voor', lastName: 'Achter' };
        const ids: number[] = [];
        for (const nickName of [null, '', '  ', '\u200B', ' \u2800\u00AD', '🙂', 'Zorro'])
          for (const detailsViewableByRole of detailRoles)
            for (const listableByRole of ['all', null] as const) {
              const said = { ...names, nickName, detailsViewableByRole, listableByRole };
              ids.push(await enrol(subject(), { siteId, email: 'post@bus.example', ...said }));
            }
        const anonymized = { anonymizedAt: aDay, listableByRole: 'all' as const };
        ids.push(await enrol(subject(), { siteId, ...names, ...anonymized }));
        const person = await newPerson(subject());
        const own = { ...names, personId: person.id, email: 'post@bus.example', nickName: 'Zorro' };
        const first = await enrol(subject(), { siteId, ...own });
        ids.push(first, await enrol(subject(), { siteId, slot: 1, ...own, detailsViewableByRole: 'admin' }));
        users = (await Promise.all(ids.map((id) => subject().stores.users.find(siteId, id)))).filter(
          (user) => user !== null,
        );
        actors['visitor'] = anActor();
        actors['fixed token'] = anActor({ userId: 0, reach: { kind: 'everywhere', role: 'admin' } });
        for (const role of ['anonymous', 'member', 'moderator', 'editor', 'admin'] as const)
          actors[role] = anActor({ userId: first, personId: person.id, roles: { [siteId]: role } });
      });

      /** By what the actor is shown: nothing else may be told by a search. */
      const foundByWhatIsShown = (actor: Actor, naming: Naming, q: string): readonly number[] => {
        const site = aSite({ id: siteId, config: configs[naming] });
        const role = roleAt(actor, siteId);
        const isListed = (user: User): boolean =>
          atLeast(role, user.listableByRole ?? 'moderator') ||
          actor.userId === user.id ||
          (actor.personId !== null && actor.personId === user.personId);
        return users
          .filter((user) => {
            const { displayName, firstName, lastName, email } = visibleTo(actor, user, site);
            const shown = [displayName, firstName, lastName, email].flatMap((one) =>
              typeof one === 'string' ? wordsIn(one) : [],
            );
            const bearsAll = askedWords(q).every((word) => shown.some((one) => one.startsWith(word)));
            return isListed(user) && user.anonymizedAt === null && bearsAll;
          })
          .map(({ id }) => id);
      };

      const whom = ['visitor', 'anonymous', 'member', 'moderator', 'editor', 'admin', 'fixed token'];
      describe.each(namings)('where a site shows the %s', (naming) => {
        test.each(whom)('%s finds by what is shown to them, and by nothing else', async (who) => {
          const actor = actors[who] ?? anActor();
          const said = { actor, role: roleAt(actor, siteId) };
          for (const q of [
            'voor',
            'achter',
            'post',
            'zorro',
            'deelnemer',
            'd',
            'v p',
            'zorro achter',
            'deel voor',
            'x',
          ]) {
            const found = await find(siteId, q, { ...said, search: { words: askedWords(q), naming } });
            expect([q, found]).toEqual([q, foundByWhatIsShown(actor, naming, q)]);
          }
          const { words, ...others } = { words: ['d'], naming, sort: { field: 'id', direction: 'DESC' } as const };
          const query = searching(siteId, 'd', { ...said, sort: others.sort, search: { words, naming }, limit: 4 });
          expect(idsOf(await walk(subject().stores.users, query))).toEqual(
            [...foundByWhatIsShown(actor, naming, 'd')].reverse(),
          );
        });
      });
    });

    describe('what was written', () => {
      const change = (siteId: number, id: number, said: Partial<UserRow>): Promise<number | null> =>
        subject().stores.inOneTransaction(async () => {
          const rows = (await lockedRows(subject(), siteId, id)).filter((row) => row.id === id);
          const changes = rows.map((before) => ({ before, after: { ...before, ...said } }));
          return statementsOf(subject(), () => subject().stores.users.save(changes));
        });

      it('is what is found: after every change of a name, and not what was there before', async () => {
        const [siteId, elsewhere] = [await newSite(subject()), await newSite(subject())];
        const id = await enrol(subject(), { siteId, firstName: 'Oud', lastName: 'Zelfde', email: 'een@een.example' });
        expect(await find(siteId, 'oud zelfde')).toEqual([id]);
        await change(siteId, id, { firstName: 'Nieuw', email: null });
        expect(await find(siteId, 'oud')).toEqual([]);
        expect(await find(siteId, 'een')).toEqual([]);
        expect(await find(siteId, 'nieuw zelfde')).toEqual([id]);
        await change(siteId, id, { siteId: elsewhere });
        expect(await find(siteId, 'nieuw')).toEqual([]);
        expect(await find(elsewhere, 'nieuw')).toEqual([id]);
      });

      it('goes with the row, with its anonymization and with its soft deletion, and comes back with it', async () => {
        const siteId = await newSite(subject());
        const named = { siteId, firstName: 'Wijl', lastName: 'Weleer' };
        const [removed, anonymized, deleted] = [
          await enrol(subject(), named),
          await enrol(subject(), named),
          await enrol(subject(), named),
        ];
        await subject().stores.inOneTransaction(async () =>
          subject().stores.users.remove(await lockedRows(subject(), siteId, removed)),
        );
        await change(siteId, anonymized, { firstName: 'Gebruiker', lastName: 'verwijderd', anonymizedAt: aDay });
        await change(siteId, deleted, { deletedAt: aDay });
        expect(await find(siteId, 'w')).toEqual([]);
        expect(await find(siteId, 'verwijderd')).toEqual([]);
        const hidden = await subject().stores.users.personOf(siteId, deleted, 'plain', 'hidden');
        await subject().stores.inOneTransaction(() =>
          subject().stores.users.save(
            (hidden?.rows ?? []).map((before) => ({ before, after: { ...before, deletedAt: null } })),
          ),
        );
        expect(await find(siteId, 'weleer')).toEqual([deleted]);
      });

      it('costs two statements more where a name changed, one where it is only cleared, none otherwise', async () => {
        const siteId = await newSite(subject());
        const id = await enrol(subject(), { siteId, firstName: 'Teller' });
        expect((await change(siteId, id, { city: 'Delft' })) ?? 1).toBe(1);
        expect((await change(siteId, id, { firstName: 'teller' })) ?? 1).toBe(1);
        expect((await change(siteId, id, { firstName: 'Telster' })) ?? 3).toBe(3);
        expect((await change(siteId, id, { firstName: null })) ?? 2).toBe(2);
      });

      it('is found whole after writes of one row at once', async () => {
        const siteId = await newSite(subject());
        const { id: personId } = await newPerson(subject());
        const id = await enrol(subject(), { siteId, personId, firstName: 'Begin' });
        await Promise.all(
          Array.from({ length: 12 }, (_none, at) =>
            change(siteId, id, { firstName: `Naam${String.fromCharCode(97 + at)}`, lastName: `Achter${at}` }),
          ),
        );
        const user = await subject().stores.users.find(siteId, id);
        expect(await find(siteId, 'begin')).toEqual([]);
        for (let at = 0; at < 12; at += 1) {
          const firstName = `Naam${String.fromCharCode(97 + at)}`;
          expect([firstName, await find(siteId, firstName)]).toEqual([
            firstName,
            user?.firstName === firstName ? [id] : [],
          ]);
        }
      });

      it('is found where a name holds as many words as it can', async () => {
        const siteId = await newSite(subject());
        const short = Array.from({ length: 26 }, (_none, at) => String.fromCharCode(97 + at));
        const email = `${short.join('.')}@${short.map((one) => `${one}0`).join('.')}.example`;
        const id = await enrol(subject(), {
          siteId,
          email,
          lastName: short
            .map((one) => `${one}a`)
            .join(' ')
            .slice(0, 64),
        });
        expect(await find(siteId, short.slice(0, 10).join(' '))).toEqual([id]);
        expect(await find(siteId, 'z0 y0 x0 ra qa pa z y x w')).toEqual([id]);
      });
    });
  });
};
