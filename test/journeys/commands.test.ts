import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCommands } from '../support/program.ts';
import { receiptKey } from '../support/receipt-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'civitas-commands-'));
const commands = openCommands();
afterAll(async () => {
  await commands.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['outbox', 'list'],
  ['client', 'list'],
  ['audit verify', '--head=x'],
] as const)('%s where there is nothing', (command, word) => {
  it('says so in one line, and leaves nothing behind', async () => {
    const missing = join(folder, `nothing-${command.replace(' ', '-')}`);
    const secrets = { AUTH_JWT_SECRET: 'j'.repeat(32), DATA_KEY: Buffer.alloc(32, 7).toString('base64') };
    const empty = join(folder, `empty-${command.replace(' ', '-')}.sqlite`);
    writeFileSync(empty, '');
    const real = { ...secrets, RECEIPT_KEY: receiptKey, NODE_ENV: 'production' };
    for (const [env, says] of [
      [{ DATA_DIR: missing }, /^[^\n]*DATA_DIR[^\n]*holds no demo[^\n]*npm start[^\n]*$/],
      [{ ...real, DATABASE_URL: `sqlite:${missing}` }, /^There is no database [^\n]*npm run migrate[^\n]*$/],
      [{ ...real, DATABASE_URL: `sqlite:${empty}` }, /^The database is not migrated: run `npm run migrate` first\.$/],
    ] as const) {
      const { code, output } = await commands.run(command, { env, args: [word] });
      expect(output.trim().split('\n').at(-1)).toMatch(says);
      expect([code, /SELECT|SQLITE_ERROR|\bat file:/.test(output), existsSync(missing)]).toEqual([1, false, false]);
    }
  });
});
