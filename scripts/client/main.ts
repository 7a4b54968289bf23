import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { generatedFiles } from './generate.ts';

// `npm run client:write` writes what of the client comes from the table of routes; with `--check` it only says what is not as written.
const checks = process.argv.includes('--check');
for (const [path, text] of Object.entries(await generatedFiles())) {
  if (!checks) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(`${path} is not what the table of routes says: npm run client:write`);
    process.exitCode = 1;
  }
}
