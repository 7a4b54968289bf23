import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { exportPage, exportText } from '../../http/presenters/export.ts';
import type { PageLanguage } from '../../http/requests/headers.ts';
import { CommandFailed, type Ending } from '../endings.ts';
import { pageWithoutControls, withoutControls, type Io } from '../io.ts';
import { operatorHere } from '../operator.ts';
import { progressAt } from '../progress.ts';
import { withContainer } from '../with-container.ts';
import type { UserName } from '../words.ts';
import { userNamed } from './named-user.ts';

export interface ExportOptions {
  readonly output?: string;
  /** As a page in this language; else as JSON. */
  readonly html?: PageLanguage;
}

/** Everything that is kept of a person, as one JSON document or as a page to read: to stdout, or into a file that nobody else may read. */
export const exportPerson = (io: Io, named: UserName, { output, html }: ExportOptions): Promise<Ending> => {
  if (html !== undefined && io.json && output === undefined)
    throw new CommandFailed('--json and --html are two forms: say one, or --output for the page.', 'wrong-words');
  return withContainer(async ({ useCases, ports }) => {
    const whom = await userNamed(ports, named);
    const parts = useCases.exportUser({ actor: operatorHere(), ...whom });
    const target = output === undefined ? null : fileWhole(io, output);
    const progress = progressAt(io);
    try {
      let written = 0;
      const pieces = html === undefined ? exportText('{', parts, '}') : exportPage(parts, html);
      for await (const piece of pieces) {
        if (target === null) await io.print((html === undefined ? withoutControls : pageWithoutControls)(piece));
        else target.write(piece);
        written += Buffer.byteLength(piece);
        if (target !== null) progress.tell({ work: 'exporting, bytes', done: written, of: null });
      }
    } catch (error) {
      target?.drop();
      throw error;
    } finally {
      progress.end();
    }
    if (target === null) await io.print('\n');
    else {
      target.keep();
      if (io.json) await io.print(`${JSON.stringify({ file: output })}\n`);
      else io.tell(`Everything that is kept of the person is in ${output ?? ''}.`);
    }
    return 'done';
  });
};

interface WholeFile {
  readonly write: (text: string) => void;
  readonly keep: () => void;
  readonly drop: () => void;
}

/** A file that is there whole or not at all, and never in the place of another. */
const fileWhole = ({ interrupts }: Io, path: string): WholeFile => {
  const unfinished = `${path}.part`;
  const written = <T>(work: () => T, name = path): T => {
    try {
      return work();
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      throw new CommandFailed(`${name} cannot be written: ${fileReasons[code] ?? code}.`, 'failed', { cause: error });
    }
  };
  // Its own name is taken second, so that nothing stands there where the other is in use.
  const file = written(() => openSync(unfinished, 'wx', 0o600), unfinished);
  try {
    written(() => {
      closeSync(openSync(path, 'wx', 0o600));
    });
  } catch (error) {
    closeSync(file);
    rmSync(unfinished, { force: true });
    throw error;
  }
  const drop = (): void => {
    for (const name of [unfinished, path]) rmSync(name, { force: true });
  };
  interrupts.onEnd(`Stopped. ${path} was not finished, and is gone again.`, drop);
  return {
    write: (text) => {
      written(() => writeSync(file, text));
    },
    keep: () => {
      written(() => {
        closeSync(file);
        renameSync(unfinished, path);
      });
      interrupts.onEnd(`Stopped. ${path} is whole.`);
    },
    drop,
  };
};

const fileReasons: Readonly<Record<string, string>> = {
  EEXIST: 'there is such a file already, and it is left as it is',
  ENOENT: 'there is no such folder',
  EACCES: 'this account may not write there',
  ENOSPC: 'the disk is full',
};
