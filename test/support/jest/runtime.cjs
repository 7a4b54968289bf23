// The program and its packages are loaded once a worker, not once a test file: loading them took 2.5 s of each. What stands in
// test/ is loaded anew for each file, as ever.
const { transformSync } = require('@swc/core');
const { createRequire, Module } = require('node:module');
const { readFileSync } = require('node:fs');
const { join, sep } = require('node:path');
const { default: Runtime } = require('jest-runtime');

Module._extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  });
  module._compile(code, filename);
};

const tests = join(process.cwd(), 'test') + sep;
const isOnceAWorker = (path) =>
  path.includes(`${sep}node_modules${sep}`) || (path.endsWith('.ts') && !path.startsWith(tests));

module.exports = class OnceAWorker extends Runtime {
  requireModuleOrMock(from, name) {
    const require = createRequire(from);
    if (Module.isBuiltin(name) || name === '@jest/globals') return super.requireModuleOrMock(from, name);
    return isOnceAWorker(require.resolve(name)) ? require(name) : super.requireModuleOrMock(from, name);
  }
};
