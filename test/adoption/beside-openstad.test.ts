import { raw } from '../../src/db/sql.ts';
import { adoptIn, withRecording } from '../support/adopted.ts';
import { describeOnMysql } from '../support/recorded-copy.ts';
import { recordedRows } from '../support/recorded-database.ts';

describeOnMysql('an OpenStad API beside us', () => {
  it.each(['users', 'ideas', 'articles', 'arguments', 'votes'])('still writes %s with the columns it knows', (table) =>
    withRecording('openstad-api-database-worn', async (database) => {
      const [row] = (await recordedRows('openstad-api-database-worn')).get(table) ?? [];
      const names = Object.keys(row ?? {}).filter((name) => name !== 'id');
      const list = names.map((name) => `\`${name}\``).join(', ');
      await adoptIn(database);
      // A copy of a row, as its own models write it: every column they know, and DEFAULT for the id. Votes are unique per idea.
      const values = table === 'votes' ? list.replace('`userId`', '2') : list;
      const id = await database.insert(
        raw(`INSERT INTO \`${table}\` (id, ${list}) SELECT NULL, ${values} FROM \`${table}\` ORDER BY id LIMIT 1`),
      );
      expect(await database.select(raw(`SELECT id FROM \`${table}\` WHERE id = ${id}`))).toHaveLength(1);
    }),
  );
});
