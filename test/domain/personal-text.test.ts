import fc from 'fast-check';
import { isBlank, readText, type TextKind } from '../../src/domain/users/personal-text.ts';

const [zeroWidth, softHyphen, hangul, turned, isolate, bell] = [
  '\u200b',
  '\u00ad',
  '\u3164',
  '\u202e',
  '\u2066',
  '\u0007',
];

describe('a text of a person', () => {
  it.each<[TextKind, string, string | null]>([
    ['name', ' Jan ', 'Jan'],
    ['name', '\u00a0\tJan de Vries\n', 'Jan de Vries'],
    ['name', '<b>Jan</b>  <script>', 'Jan'],
    ['name', '1 < 2', '1 < 2'],
    ['name', 'Jansen & Zn', 'Jansen & Zn'],
    ['name', 'آزاده\u200cخانم', 'آزاده\u200cخانم'],
    ['name', '<b> </b>', null],
    ['name', `${zeroWidth}${softHyphen}\u2800${hangul} `, null],
    ['name', turned, null],
    ['name', '', null],
    ['text', ' <b>Dam</b> 1 ', '<b>Dam</b> 1'],
    ['text', '\u3000', null],
    ['email', ' jan@example.org\n', 'jan@example.org'],
    ['email', zeroWidth, null],
  ])('%s %j is kept as %j, in a body too', (kind, written, kept) => {
    expect(readText(kind, written)).toEqual({ value: kept, refused: null });
  });

  it.each<[TextKind, string, string | null]>([
    ['name', `Ja${bell}n`, 'Jan'],
    ['name', 'Jan\tde Vries', 'Jande Vries'],
    ['name', 'a\0b', 'ab'],
    ['name', '<b>Jan</b>  <script', 'Jan'],
    ['name', '<b', null],
    ['name', bell, null],
    ['name', `Jan${turned}neJ`, 'JanneJ'],
    ['name', `${isolate}Jan`, 'Jan'],
    ['name', `<${turned}b>Jan`, 'Jan'],
    ['name', 'half \ud83d', 'half'],
    ['text', 'Dam\u2028 1', 'Dam 1'],
    ['email', `jan${zeroWidth}@example.org`, 'jan@example.org'],
    ['email', `j${softHyphen}an@example.org`, 'jan@example.org'],
    ['email', `jan@example.org${turned}`, 'jan@example.org'],
    ['email', 'jan @example.org', 'jan@example.org'],
  ])('%s %j is refused in a body, and kept of a profile as %j', (kind, written, kept) => {
    const { value, refused } = readText(kind, written);

    expect([value, typeof refused]).toEqual([kept, 'string']);
  });

  it('read again is the same: what is kept has nothing to refuse', () => {
    const piece = fc.constantFrom(
      ' ',
      '<',
      '>',
      '/',
      '!',
      'b',
      '3',
      'é',
      '\t',
      '\0',
      'script',
      zeroWidth,
      turned,
      isolate,
      bell,
      '\ud83d',
      '\u2028',
    );
    fc.assert(
      fc.property(fc.constantFrom<TextKind>('name', 'text', 'email'), fc.array(piece), (kind, pieces) => {
        const { value } = readText(kind, pieces.join(''));

        expect(readText(kind, value ?? '')).toEqual({ value, refused: null });
        expect(value === null || !isBlank(value)).toBe(true);
      }),
    );
  });

  it.each(['<', '<b', '<b>', ' ', turned, zeroWidth, '<!'])(
    'is read in a time that grows with its length: %j',
    (piece) => {
      const text = `x${piece.repeat(1_000_000)}x`;
      const before = process.cpuUsage();
      readText('name', text);

      // Processor time, far away: were it the square of the length, this would take many minutes.
      expect(process.cpuUsage(before).user / 1000).toBeLessThan(60_000);
    },
  );
});
