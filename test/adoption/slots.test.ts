import { slotsFor } from '../../src/db/adoption/link-people.ts';

const row = (id: number, day: number, isLive = true) => ({ id, createdAt: new Date(Date.UTC(2024, 0, day)), isLive });

describe('slots', () => {
  it('give 0 to the oldest live row, and the rest by age, deleted rows last', () => {
    const slots = slotsFor([row(1, 1, false), row(2, 9), row(3, 2), row(4, 2)], new Set());
    expect(Object.fromEntries(slots)).toEqual({ 3: 0, 4: 1, 2: 2, 1: 3 });
  });

  it('leave those alone that were given before', () => {
    const slots = slotsFor([row(7, 1), row(8, 2)], new Set([0, 2]));
    expect(Object.fromEntries(slots)).toEqual({ 7: 1, 8: 3 });
  });
});
