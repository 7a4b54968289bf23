import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { en } from '../../src/console/words/en.ts';
import { message } from '../../src/console/words/message.ts';
import { nl } from '../../src/console/words/nl.ts';
import { problems } from '../../src/http/problems.ts';

const languages = { en, nl } as const;
const folder = join('src', 'console');
const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('words/'))
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n');
/** Looked up by what an answer or a table holds: `field.${name}`. */
const families = new Set([...source.matchAll(/`([\w.]+)\.\$\{/g)].map(([, family]) => `${family ?? ''}.`));

describe('what the console says', () => {
  it.each(Object.keys(languages))('can be said in %s, whatever stands in it', (language) => {
    const words = languages[language as keyof typeof languages];
    const argument = /\{(\w+)/g;
    for (const [name, message] of Object.entries(words)) {
      const values = Object.fromEntries([...message.matchAll(argument)].map(([, key = '']) => [key, 2]));
      expect([name, new IntlMessageFormat(message, language).format(values)]).toEqual([
        name,
        expect.stringMatching(/^[^{}]+$/),
      ]);
    }
  });

  it('has words for whatever the program may refuse at the console', () => {
    const elsewhere = ['method-not-allowed', 'unsupported-media-type', 'login-refused', 'insufficient-scope'];
    const types = Object.keys(problems).filter((type) => !/token|client/.test(type) && !elsewhere.includes(type));
    expect(types.filter((type) => !(`problem.${type}` in en))).toEqual([]);
  });

  it.each(Object.keys(languages))('is read in %s as ICU says, whatever the numbers', (language) => {
    const locale = { en: 'en-GB', nl: 'nl-NL' }[language as keyof typeof languages];
    for (const text of Object.values(languages[language as keyof typeof languages])) {
      const names = [...text.matchAll(/\{(\w+)/g)].map(([, name = '']) => name);
      for (const n of [0, 1, 2, 1234]) {
        const values = Object.fromEntries(names.map((name, at) => [name, n + (at % 2)]));
        expect(message(text, locale)(values)).toBe(new IntlMessageFormat(text, locale).format(values));
      }
    }
  });

  it('is refused where it is no message, or nobody said a value of it', () => {
    for (const wrong of ['{n', 'n}', '{n, plural, one {x}', '{n, plural one {x}}', '{}'])
      expect(() => message(wrong, 'en-GB')({ n: 1 })).toThrow('no message');
    expect(() => message('{n}', 'en-GB')()).toThrow('nobody said n');
  });

  it('asks for the same values in each language', () => {
    const asked = (message: string) =>
      [...new Set([...message.matchAll(/(?<!(?:=\d|one|other) )\{(\w+)[,}]/g)].map(([, key]) => key))].toSorted();
    for (const [name, message] of Object.entries(en))
      expect([name, asked(nl[name as keyof typeof nl])]).toEqual([name, asked(message)]);
  });

  it('is said somewhere: nobody translates what no page shows', () => {
    const unsaid = Object.keys(en).filter(
      (name) => !source.includes(`'${name}'`) && ![...families].some((family) => name.startsWith(family)),
    );
    expect(unsaid).toEqual([]);
  });
});
