import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's own folder, whether we run from src or from dist: the working directory does not count. */
export const packageRoot = (): string => {
  const climb = (folder: string): string =>
    existsSync(join(folder, 'package.json')) || dirname(folder) === folder ? folder : climb(dirname(folder));
  return climb(dirname(fileURLToPath(import.meta.url)));
};
