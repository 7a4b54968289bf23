import { AsyncResource } from 'node:async_hooks';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { sql } from '../../src/db/sql.ts';
import { siteStore } from '../../src/db/stores/site-store.ts';
import { unitOfWork } from '../../src/db/unit-of-work.ts';
import { siteRow } from '../contract/subject.ts';
import { openTestDatabase, quiet, type TestDatabase } from '../support/database.ts';

let scratch: TestDatabase;
let narrow: Database;
beforeEach(async () => {
  scratch = await openTestDatabase();
  narrow = openDatabase({ url: scratch.url, poolSize: 1 });
});
afterEach(async () => {
  await narrow.close();
  await scratch.close();
});

const newSite = async (title: string): Promise<number> => {
  const row = siteRow({ title });
  await scratch.database.rows.sites.create(row);
  return row.id;
};
/** A context in which nothing is ambient: what runs there is no part of the unit that began it. */
const elsewhere = new AsyncResource('elsewhere');
const outside = <T>(work: () => Promise<T>): Promise<T> => elsewhere.runInAsyncScope(work);

describe('sites that a unit of work asks for', () => {
  it('are not kept by a snapshot that began before they changed', async () => {
    const id = await newSite('Oud');
    const sites = siteStore(scratch.database, 60);
    const titles = async () => [
      (await sites.byId(id))?.title,
      (await sites.all()).find((site) => site.id === id)?.title,
      (await sites.past()).find((site) => site.id === id)?.title,
    ];
    expect(await titles()).toEqual(['Oud', 'Oud', undefined]);

    const seen = await unitOfWork(scratch.database, quiet).inOneSnapshot(async () => {
      await scratch.database.select(sql`SELECT id FROM sites WHERE id = ${id}`);
      await outside(async () => {
        await scratch.database.change(sql`UPDATE sites SET title = ${'Nieuw'} WHERE id = ${id}`);
        sites.changed(id);
      });
      await sites.allNow();
      return titles();
    });

    expect(seen).toEqual(['Oud', 'Oud', undefined]);
    expect(await titles()).toEqual(['Nieuw', 'Nieuw', undefined]);
  });

  it('are not waited for where others’ reading waits for the connection that the unit holds', async () => {
    const id = await newSite('Oud');
    const sites = siteStore(narrow, 60);
    const ask = () => Promise.all([sites.byId(id), sites.all(), sites.past()]);
    const titles = ([site, all, past]: Awaited<ReturnType<typeof ask>>) => [site?.title, all.length, past.length];
    let others: ReturnType<typeof ask> | undefined;

    const seen = await unitOfWork(narrow, quiet).inOneTransaction(() => {
      others = outside(ask);
      return ask();
    });

    expect(titles(seen)).toEqual(['Oud', 1, 0]);
    expect(others === undefined ? [] : titles(await others)).toEqual(['Oud', 1, 0]);
  });

  it('cost nothing where a good list is kept, and one statement each where it is not', async () => {
    const id = await newSite('Oud');
    const sites = siteStore(scratch.database, 60);
    const { inOneTransaction } = unitOfWork(scratch.database, quiet);
    const ask = () => Promise.all([sites.byId(id), sites.all(), sites.past()]);
    const statementsInside = async (): Promise<number> => {
      const before = scratch.statements();
      await inOneTransaction(ask);
      return scratch.statements() - before;
    };
    expect(await statementsInside()).toBe(3);
    await ask();
    expect(await statementsInside()).toBe(0);
    sites.changed(id);
    expect(await statementsInside()).toBe(3);
  });
});
