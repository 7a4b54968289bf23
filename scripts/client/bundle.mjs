// Joins the modules of the client into one file, and makes it small: `node scripts/client/bundle.mjs FOLDER FILE`, where FOLDER holds
// src/client as JavaScript. They import each other by name and nothing else, so that to join them is to write them behind one
// another; a name that two of them have is a fault.
import { minifySync, parseSync, printSync } from '@swc/core';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const bundle = (folder, file) => {
  const body = [];
  const seen = new Set();
  const names = new Set();
  const add = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const { body: items } = parseSync(readFileSync(join(folder, name), 'utf8'), {
      syntax: 'ecmascript',
      target: 'es2022',
    });
    for (const item of items) {
      const source = item.source?.value;
      if (source !== undefined) {
        if (!/^\.\/[\w.-]+\.js$/.test(source))
          throw new Error(`${name} imports ${source}: only the client's own modules`);
        add(source.slice(2));
      }
      // What the entry exports is exported below; its types are gone.
      if (item.type === 'ImportDeclaration' || item.type === 'ExportNamedDeclaration') continue;
      const declared = item.type === 'ExportDeclaration' ? item.declaration : item;
      for (const named of namesOf(declared)) {
        if (names.has(named)) throw new Error(`${name} declares ${named}, as another module does`);
        names.add(named);
      }
      body.push(declared);
    }
  };
  add(entry);
  const exported = exportsOf(readFileSync(join(folder, entry), 'utf8'));
  const { code } = printSync({ type: 'Module', span: { start: 0, end: 0, ctxt: 0 }, body, interpreter: null });
  const whole = `${code}\nexport { ${exported.join(', ')} };\n`;
  const small = inLines(minifySync(whole, { module: true, compress: { passes: 2 }, mangle: { toplevel: true } }).code);
  mkdirSync(dirname(file), { recursive: true });
  // Whole or not at all: another process may be reading it.
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `/*! civitas/client, EUPL-1.2 */\n${small}\n`);
  renameSync(unfinished, file);
};

const entry = 'index.js';

const namesOf = ({ type, declarations, identifier }) => {
  if (type === 'VariableDeclaration') return declarations.map(({ id }) => id.value);
  return identifier === undefined || identifier === null ? [] : [identifier.value];
};

/** A declaration a line: where something fails, Node shows the line. */
const inLines = (code) => {
  const { body, ...module } = parseSync(code, { syntax: 'ecmascript', target: 'es2022' });
  return body.map((item) => printSync({ ...module, body: [item] }, { minify: true }).code.trim()).join('\n');
};

const exportsOf = (code) =>
  parseSync(code, { syntax: 'ecmascript', target: 'es2022' }).body.flatMap(({ type, specifiers }) =>
    type === 'ExportNamedDeclaration' ? specifiers.map(({ orig }) => orig.value) : [],
  );

if (process.argv[1] === fileURLToPath(import.meta.url)) bundle(process.argv[2], process.argv[3]);
