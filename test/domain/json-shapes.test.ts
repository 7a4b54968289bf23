import fc from 'fast-check';
import { shapeNumbers, sameJson, type Json } from '../../src/domain/json.ts';

const value = fc.jsonValue({ maxDepth: 3 }).map((made) => JSON.parse(JSON.stringify(made)) as Json);

describe('the numbers of values', () => {
  it('are the same exactly where values are the same', () => {
    fc.assert(
      fc.property(value, value, (one, other) => {
        const numberOf = shapeNumbers('by-content');
        expect(numberOf(one) === numberOf(other)).toBe(sameJson(one, other));
        expect(numberOf(one)).toBe(numberOf(JSON.parse(JSON.stringify(one)) as Json));
      }),
    );
  });

  it.each<[string, Json, Json, boolean]>([
    ['the order of keys', { a: 1, b: [2] }, { b: [2], a: 1 }, true],
    ['a text and what it reads like', '[1]', [1], false],
    ['a number and its text', 1, '1', false],
    ['a list and an object', [1], { 0: 1 }, false],
    ['one key and two', { 'a":1,"b': 2 }, { a: 1, b: 2 }, false],
  ])('tell apart what is not the same: %s', (_what, one, other, isSame) => {
    const numberOf = shapeNumbers('by-content');
    expect(numberOf(one) === numberOf(other)).toBe(isSame);
  });

  it('heed the order of keys where it is asked for', () => {
    const numberOf = shapeNumbers('as-written');
    expect(numberOf({ a: 1, b: 2 })).not.toBe(numberOf({ b: 2, a: 1 }));
  });
});
