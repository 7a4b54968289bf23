import { addressesWritten, bringsAnother } from '../../src/domain/people/vouching.ts';

const name = (at: number): string => String(at).padStart(32, '0');
const written = (count: number): string | null =>
  Array.from({ length: count }, (_none, at) => name(at)).reduce<string | null>(
    (so, one) => addressesWritten([{ addressWritten: so }], one),
    null,
  );

describe('what was written as somebody’s address', () => {
  it('is nothing where no row says so', () => {
    expect(addressesWritten([{ addressWritten: null }])).toBeNull();
  });

  it('is what any of their rows says, each once', () => {
    const rows = [name(1), null, `${name(2)} ${name(1)}`].map((addressWritten) => ({ addressWritten }));
    expect(addressesWritten(rows, name(2))).toBe(`${name(1)} ${name(2)}`);
  });

  it('is told from what a login brings', () => {
    expect([2, 6, 7].map((at) => bringsAnother(written(7)!, name(at)))).toEqual([false, false, true]);
  });

  it('fits into its column, and beyond it may be any', () => {
    expect([written(7)!.length <= 255, written(8), written(9)]).toEqual([true, 'any', 'any']);
    expect(bringsAnother('any', name(100))).toBe(false);
  });
});
