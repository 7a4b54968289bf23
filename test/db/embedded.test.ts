import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { embeddedDateText } from '../../src/db/dialects/embedded.ts';
import { writerLock } from '../../src/db/dialects/embedded-file.ts';
import { dateOf } from '../../src/db/rows/values.ts';
import { raw, sql } from '../../src/db/sql.ts';
import { unitOfWork } from '../../src/db/unit-of-work.ts';
import { quiet } from '../support/database.ts';

let directory: string;
let open: Database[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'civitas-embedded-'));
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((database) => database.close()));
  rmSync(directory, { recursive: true, force: true });
});
const openAt = (path: string): Database => {
  const database = openDatabase({ url: `sqlite:${path}` });
  open.push(database);
  return database;
};

describe('the embedded database', () => {
  it('makes every commit survive a power cut, and checks foreign keys', async () => {
    const database = openAt(join(directory, 'a.sqlite'));
    const [synchronous] = await database.select(raw('PRAGMA synchronous'));
    const [foreignKeys] = await database.select(raw('PRAGMA foreign_keys'));
    expect([synchronous, foreignKeys]).toEqual([{ synchronous: 2 }, { foreign_keys: 1 }]);
  });

  it('is given nothing that is no value: for an object its driver ends the process, and undefined it takes for NULL', async () => {
    const database = openAt(join(directory, 'a.sqlite'));
    await database.change(raw('CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)'));
    await database.change(sql`INSERT INTO people (name) VALUES (${'Noor'})`);

    for (const value of [undefined, {}, Buffer.from('a')] as unknown as readonly string[]) {
      const refused = { name: 'Error', message: `a statement cannot be given a value that is ${typeof value}` };
      await expect(database.select(sql`SELECT id FROM people WHERE name = ${value}`)).rejects.toMatchObject(refused);
      await expect(database.change(sql`UPDATE people SET name = ${value}`)).rejects.toMatchObject(refused);
    }
    expect(await database.select(raw('SELECT name FROM people'))).toEqual([{ name: 'Noor' }]);
  });

  it('leaves nothing in its files of what was cleared or removed, and no log beside them, once it is closed', async () => {
    const path = join(directory, 'a.sqlite');
    const database = openAt(path);
    await database.change(raw('CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)'));
    await database.change(raw('CREATE INDEX people_name ON people (name)'));
    const names = Array.from({ length: 300 }, (_none, index) => `(${index + 1}, 'Vegter ${index}')`);
    await database.change(raw(`INSERT INTO people (id, name) VALUES ${names.join(', ')}`));
    await database.change(raw('UPDATE people SET name = NULL WHERE id <= 200'));
    await database.change(raw('DELETE FROM people WHERE id > 200'));

    await database.close();

    const holding = readdirSync(directory).filter((name) => readFileSync(join(directory, name)).includes('Vegter'));
    expect(holding).toEqual([]);
    expect(statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  });

  it('makes the folder that its file is to be in', async () => {
    const database = openAt(join(directory, 'new', 'deeper', 'a.sqlite'));
    expect(await database.select(raw('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  });

  it('is one file whatever the way to it: units of two openings wait for each other', async () => {
    symlinkSync(directory, `${directory}-link`);
    const [one, other] = [openAt(join(directory, 'a.sqlite')), openAt(join(`${directory}-link`, 'a.sqlite'))];
    await one.change(raw('CREATE TABLE counted (n INTEGER)'));
    await one.change(raw('INSERT INTO counted (n) VALUES (0)'));
    const addOne = (database: Database): Promise<number> =>
      unitOfWork(database, quiet).inOneTransaction(async () => {
        const [row] = await database.select(raw('SELECT n FROM counted'));
        return database.change(sql`UPDATE counted SET n = ${Number(row?.['n']) + 1}`);
      });
    await Promise.all(Array.from({ length: 20 }, (_, index) => addOne(index % 2 === 0 ? one : other)));
    rmSync(`${directory}-link`);
    expect(await one.select(raw('SELECT n FROM counted'))).toEqual([{ n: 20 }]);
  });

  it('reads beside a writer, and sees what was committed', async () => {
    const database = openAt(join(directory, 'a.sqlite'));
    await database.change(raw('CREATE TABLE counted (n INTEGER)'));
    await database.change(raw('INSERT INTO counted (n) VALUES (1)'));
    const { inOneTransaction, inOneSnapshot } = unitOfWork(database, quiet);
    const seen: unknown[] = [];
    let writing = (): void => undefined;
    let reading = (): void => undefined;
    const written = new Promise<void>((resolve) => (writing = resolve));
    const read = new Promise<void>((resolve) => (reading = resolve));
    const unit = inOneTransaction(async () => {
      await database.change(raw('UPDATE counted SET n = 2'));
      writing();
      await read;
    });
    await written;
    seen.push(...(await inOneSnapshot(() => database.select(raw('SELECT n FROM counted')))));
    reading();
    await unit;
    seen.push(...(await database.select(raw('SELECT n FROM counted'))));
    expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('writes dates in one form, whoever writes, and that form sorts', async () => {
    const database = openAt(join(directory, 'a.sqlite'));
    await database.rows.leases.sync();
    const expiresAt = new Date('2024-01-31T12:00:00.123Z');
    await database.rows.leases.create({ name: 'by the model', token: 't', expiresAt: expiresAt });
    await database.change(
      sql`INSERT INTO civitas_leases (name, token, expiresAt) VALUES ('by hand', 't', ${expiresAt})`,
    );
    const rows = await database.select(raw('SELECT expiresAt FROM civitas_leases'));
    expect(rows).toEqual([{ expiresAt: embeddedDateText(expiresAt) }, { expiresAt: embeddedDateText(expiresAt) }]);
    expect(rows.map((row) => dateOf(row['expiresAt']))).toEqual([expiresAt, expiresAt]);
    expect(
      await database.select(
        sql`SELECT name FROM civitas_leases WHERE expiresAt < ${new Date(expiresAt.getTime() + 1)}`,
      ),
    ).toHaveLength(2);
  });
});

describe('the writer lock', () => {
  it('goes to whoever waited longest', async () => {
    const lock = writerLock();
    const [first, second, third] = [{}, {}, {}];
    const order: string[] = [];
    await lock.acquire(first, 1000);
    const waiting = [
      lock.acquire(second, 1000).then(() => order.push('second')),
      lock.acquire(third, 1000).then(() => order.push('third')),
    ];
    lock.release(first);
    await waiting[0];
    lock.release(second);
    await waiting[1];
    expect(order).toEqual(['second', 'third']);
  });

  it('gives up after its patience, and the next one still gets it', async () => {
    const lock = writerLock();
    const [first, second, third] = [{}, {}, {}];
    await lock.acquire(first, 1000);
    await expect(lock.acquire(second, 10)).rejects.toThrow('waited too long');
    const waiting = lock.acquire(third, 1000);
    lock.release(first);
    await expect(waiting).resolves.toBeUndefined();
  });

  it('is not given back by somebody who does not hold it', async () => {
    const lock = writerLock();
    await lock.acquire({}, 1000);
    lock.release({});
    await expect(lock.acquire({}, 10)).rejects.toThrow('waited too long');
  });
});
