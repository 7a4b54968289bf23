import fc from 'fast-check';
import { askedWords, maxWordLength, searchWords, wordsIn } from '../../src/domain/users/personal-text.ts';
import { aDay, aUser } from '../support/builders.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...Array.from('aÀİıßẞÆøŁΣςσ’-_%\\ 9½ﬁǆ한ー')) }),
);

describe('the words of a text', () => {
  test.each([
    ['Zoë van der Méer', ['zoe', 'van', 'der', 'meer']],
    ['JAN-Willem', ['jan', 'willem']],
    ["O'Neil", ['o', 'neil']],
    ['Müßig Straße GROẞ', ['mussig', 'strasse', 'gross']],
    ['Søren Ærø Œuvre Łukasz Đoković Þór', ['soren', 'aero', 'oeuvre', 'lukasz', 'dokovic', 'thor']],
    ['İstanbul ISPARTA ışık', ['istanbul', 'isparta', 'isik']],
    ['ΟΔΥΣΣΕΥΣ οδυσσευς', ['οδυσσευσ']],
    ['ﬁets Ｊａｎ Ⅻ', ['fiets', 'jan', 'xii']],
    ['niels.vegter+stad@example.org', ['niels', 'vegter', 'stad', 'example', 'org']],
    ['a%b_c\\d\u0000e', ['a', 'b', 'c', 'd', 'e']],
    ['José Jose\u0301', ['jose']],
    ['Юлия 1234', ['юлия', '1234']],
    ['🙂 – ½?', ['1', '2']],
    ['', []],
    [' \t…', []],
  ])('%j are %j', (text, words) => {
    expect(wordsIn(text)).toEqual(words);
  });

  test('hold letters and digits only, and are their own words', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const word of wordsIn(text)) {
          expect(word).toMatch(/^[\p{L}\p{N}]+$/u);
          expect(wordsIn(word)).toEqual([word]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('do not change with the case of the text, nor with how its accents are written', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const words = wordsIn(text);
        for (const form of [text.toLowerCase(), text.normalize('NFC'), text.normalize('NFD')])
          expect(wordsIn(form)).toEqual(words);
      }),
      { numRuns: 2000 },
    );
  });

  test('begin with the words of whatever the text begins with, so that somebody is found while they are typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('aàßæø -9Ａ한')) }), fc.nat(10), (text, length) => {
        const begun = Array.from(text.normalize('NFC')).slice(0, length).join('');
        const words = wordsIn(text);
        for (const word of wordsIn(begun)) expect(words.some((one) => one.startsWith(word))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the words of a question', () => {
  test('are as few as ask for the same', () => {
    expect(askedWords('jan Jansen j jansens')).toEqual(['jansens']);
    expect(askedWords('an jan')).toEqual(['an', 'jan']);
    expect(askedWords('jan Jan JAN')).toEqual(['jan']);
  });

  test('never begin one another', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', ' ') }), (text) => {
        const words = askedWords(text);
        expect(words.filter((one) => words.some((other) => other !== one && other.startsWith(one)))).toEqual([]);
        for (const word of wordsIn(text)) expect(words.some((one) => one.startsWith(word))).toBe(true);
      }),
    );
  });
});

describe('the words by which a row is found', () => {
  const named = { siteId: 1, nickName: 'Zorro', firstName: 'Jan Jan', lastName: "van 't Hof", email: 'jan@hof.nl' };

  test('are those of its four names, each with the name that it is of', () => {
    expect(searchWords(aUser(named)).map(({ source, word }) => `${source} ${word}`)).toEqual([
      'nickName zorro',
      'firstName jan',
      ...['van', 't', 'hof'].map((word) => `lastName ${word}`),
      ...['jan', 'hof', 'nl'].map((word) => `email ${word}`),
    ]);
  });

  test.each(['  ', '\u200B', '\u2800 \u00AD'])('say of the nick name %j that nothing of it can be seen', (nickName) => {
    const others = searchWords(aUser({ ...named, nickName: null }));
    expect(searchWords(aUser({ ...named, nickName }))).toEqual([{ source: 'nickName', word: '' }, ...others]);
  });

  test.each([null, '', '🙂', '…'])('say nothing of the nick name %j, which is empty or can be seen', (nickName) => {
    expect(searchWords(aUser({ ...named, nickName })).filter(({ source }) => source === 'nickName')).toEqual([]);
  });

  test.each([{ deletedAt: aDay }, { anonymizedAt: aDay }, { siteId: null }, { siteId: 0 }])(
    'are none for a row with %j',
    (said) => {
      expect(searchWords(aUser({ ...named, ...said }))).toEqual([]);
    },
  );

  test('are cut where they are longer than can be asked for, and not through the middle of a character', () => {
    const [word, ...others] = searchWords(aUser({ siteId: 1, lastName: `${'ß'.repeat(40)}x ${'𐐨'.repeat(65)}` }));
    expect(word).toEqual({ source: 'lastName', word: 's'.repeat(maxWordLength) });
    expect(others).toEqual([{ source: 'lastName', word: '𐐨'.repeat(maxWordLength) }]);
  });
});
