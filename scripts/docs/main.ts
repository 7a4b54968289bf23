import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { generatedDocuments } from './documents.ts';

// `npm run docs`: writes what of the documents comes from the code. test/architecture/documents.test.ts fails where that was forgotten.
for (const [path, text] of Object.entries(generatedDocuments())) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
