import fc from 'fast-check';
import { listText, valueText } from '../../src/http/presenters/user-records.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constant('half \ud83d of one'),
);
const anyValue = fc.oneof(anyText, fc.double(), fc.boolean(), fc.constant(null), fc.date(), fc.jsonValue());

describe('JSON that is written piece by piece', () => {
  test('is what JSON.stringify writes, whatever the value', () => {
    fc.assert(
      fc.property(fc.array(anyValue), (values) => {
        expect(listText(values.map(valueText))).toBe(JSON.stringify(values));
      }),
    );
  });

  test.each([
    new Date('2024-02-29T23:59:59.007Z'),
    new Date('0099-01-01T00:00:00Z'),
    new Date('+012024-01-01T00:00:00Z'),
    new Date('-000001-01-01T00:00:00Z'),
    new Date(Number.NaN),
  ])('holds the date as JSON.stringify writes it: %s', (date) => {
    expect(valueText(date)).toBe(JSON.stringify(date));
  });

  test('says null where there is no value', () => {
    expect(valueText(undefined)).toBe('null');
  });
});
