import { existsSync, readFileSync } from 'node:fs';
import { generatedDocuments } from '../../scripts/docs/documents.ts';

describe('what the documents have from the code', () => {
  test.each(Object.entries(generatedDocuments()))('%s is as the code says (else: npm run docs)', (path, text) => {
    expect(existsSync(path) ? readFileSync(path, 'utf8') : null).toBe(text);
  });
});
