// `virtual:tokens.css`: of NL Design System's example theme, which has some 2,800 tokens, those that the console's styles lead to.
// They are a layer of their own, so that a theme wins wherever it is linked.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const name = 'virtual:tokens.css';
const theme = '@nl-design-system-unstable/voorbeeld-design-tokens/dist/theme.css';

/** A plugin of Vite. @param {string} root The console's folder. */
export const usedTokens = (root) => {
  const require = createRequire(join(root, 'main.tsx'));
  const read = (path) => readFileSync(path, 'utf8');
  const styles = () => {
    const folder = join(root, 'styles');
    const own = readdirSync(folder).map((file) => read(join(folder, file)));
    const components = own.flatMap((text) => [...text.matchAll(/@import '(@[^']+)'/g)].map(([, path]) => path));
    const themes = readdirSync(join(root, 'themes')).map((file) => read(join(root, 'themes', file)));
    return [...own, ...components.map((path) => read(require.resolve(path))), ...themes].join('\n');
  };
  return {
    name: 'used-tokens',
    // Before Vite looks for a file of that name.
    enforce: 'pre',
    resolveId: (id) => (id === name ? join(root, 'styles', 'tokens.virtual.css') : null),
    load: (id) => (id.endsWith('tokens.virtual.css') ? tokensFor(styles(), read(require.resolve(theme))) : null),
  };
};

const tokensFor = (styles, all) => {
  const values = new Map([...all.matchAll(/^\s*(--[\w-]+):\s*([^;]+);/gm)].map(([, token, value]) => [token, value]));
  const used = new Map();
  const follow = (text) => {
    for (const [, token] of text.matchAll(/var\(\s*(--[\w-]+)/g)) {
      const value = values.get(token);
      if (value === undefined || used.has(token)) continue;
      used.set(token, value);
      follow(value);
    }
  };
  follow(styles);
  return `@layer tokens {\n:root {\n${[...used].map(([token, value]) => `${token}: ${value};`).join('\n')}\n}\n}\n`;
};
