import fc from 'fast-check';
import { pickerOf } from '../../src/platform/http-exchange.ts';

const picked = (text: string, keys: readonly string[], chunkSize = 1024): unknown => {
  const picker = pickerOf(keys);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkSize) picker.take(bytes.subarray(at, at + chunkSize));
  const found = picker.text();
  return found === null ? null : JSON.parse(found);
};

describe('Values picked from a JSON object', () => {
  test('are those that parsing it whole would give, whatever the others hold and wherever chunks end', () => {
    const keys = ['id', 'roles'];
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), fc.jsonValue()),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        (object, chunkSize, isSpread) => {
          const text = JSON.stringify(object, null, isSpread ? 2 : 0);
          const whole = JSON.parse(text) as object;
          const expected = Object.fromEntries(Object.entries(whole).filter(([key]) => keys.includes(key)));
          expect(picked(text, keys, chunkSize)).toEqual(expected);
        },
      ),
    );
  });

  test.each([
    ['a page', '<html>{"id":1}</html>'],
    ['half an object', '{"id":5,"roles":[{"clientId":1'],
    ['a list', '[{"id":5}]'],
    ['a text', '"id"'],
    ['nothing', ''],
    ['more than one', '{"id":5}{"id":6}'],
    ['more than is kept', `{"id":"${'x'.repeat(1_100_000)}"}`],
  ])('are none where there is %s', (_what, text) => {
    expect(picked(text, ['id', 'roles'])).toBeNull();
  });

  test('are the last of a key that comes twice, as parsing has it, and never those inside others', () => {
    const text = '{"id":1,"extraData":{"roles":[1],"x":"\\",\\"roles\\":[2]"},"roles":[3],"roles":[4]}';
    expect(picked(text, ['id', 'roles'])).toEqual({ id: 1, roles: [4] });
  });
});
