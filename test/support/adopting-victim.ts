import { openDatabase } from '../../src/db/database.ts';
import { adoptIn } from './adopted.ts';

/**
 * `node … adopting-victim.js URL N`: adopts a database and is killed (SIGKILL) when it is about to send its (N+1)th statement that
 * changes something, leases and books apart. Prints `done` when there was none.
 */
const [, , url = '', most = '0'] = process.argv;
let changes = 0;
const database = openDatabase({
  url,
  onStatement: (statement) => {
    if (!/^(CREATE|ALTER|INSERT|UPDATE|DELETE)\b/i.test(statement.trim()) || statement.includes('civitas_leases'))
      return;
    if (statement.startsWith('CREATE TABLE IF NOT EXISTS `civitas_migrations`')) return;
    changes += 1;
    if (changes > Number(most)) process.kill(process.pid, 'SIGKILL');
  },
});
await adoptIn(database);
await database.close();
process.stdout.write('done\n');
