import { allOf, anyOf, joined, listOf, raw, rendered, sql } from '../../src/db/sql.ts';

describe('a piece of SQL', () => {
  it('binds its values in order, through the pieces inside it', () => {
    const inner = sql`b = ${'two'} OR c = ${null}`;
    expect(rendered(sql`SELECT x FROM t WHERE a = ${1} AND (${inner}) LIMIT ${raw('5')}`)).toEqual({
      text: 'SELECT x FROM t WHERE a = ? AND (b = ? OR c = ?) LIMIT 5',
      values: [1, 'two', null],
    });
  });

  it('never holds a value in its text', () => {
    const evil = "'; DROP TABLE users; --";
    expect(rendered(sql`SELECT ${evil}`)).toEqual({ text: 'SELECT ?', values: [evil] });
  });

  it('is filled up to a power of two as a list', () => {
    expect(rendered(listOf([1, 2, 3]))).toEqual({ text: '(?, ?, ?, ?)', values: [1, 2, 3, 3] });
    expect(rendered(listOf([7]))).toEqual({ text: '(?)', values: [7] });
  });

  it.each([
    [256, 256],
    [257, 288],
    [512, 512],
    [1000, 1024],
    [8192, 8192],
    [8193, 9216],
    [9900, 10_240],
  ])('is filled up by an eighth at most where it is long: %d', (length, filled) => {
    expect(rendered(listOf(Array.from({ length }, () => 1))).values).toHaveLength(filled);
  });

  it('matches nothing as an empty list, nothing as no alternatives, everything as no conditions', () => {
    expect([listOf([]), anyOf([]), allOf([])].map((piece) => rendered(piece).text)).toEqual([
      '(NULL)',
      '1 = 0',
      '1 = 1',
    ]);
  });

  it('joins pieces and values', () => {
    expect(rendered(joined([sql`a = ${1}`, raw('b'), 3], ', '))).toEqual({ text: 'a = ?, b, ?', values: [1, 3] });
  });
});
