// A child process: adds one to a counter so many times, each in a unit of its own. Arguments: address of the database, how often.
import { openDatabase } from '../../src/db/database.ts';
import { numberOf } from '../../src/db/rows/values.ts';
import { raw, sql } from '../../src/db/sql.ts';
import { unitOfWork } from '../../src/db/unit-of-work.ts';

const [url = '', times = '0'] = process.argv.slice(2);
const database = openDatabase({ url });
const { inOneTransaction } = unitOfWork(database, { info: () => undefined, warn: () => undefined });

for (let done = 0; done < Number(times); done += 1) {
  await inOneTransaction(async () => {
    const [row] = await database.select(
      sql`SELECT n FROM civitas_user_counts WHERE siteId = 1${raw(database.dialect.forUpdate)}`,
    );
    await database.change(sql`UPDATE civitas_user_counts SET n = ${(numberOf(row?.['n']) ?? 0) + 1} WHERE siteId = 1`);
  });
}
await database.close();
