import type { User } from '../domain/users/user.ts';

/** Whether rows hold more together than one of them may: then their turn lasts longer, so that others go on. */
export const areLarge = (users: readonly Pick<User, 'extraData'>[]): boolean => {
  let size = 0;
  return users.some(({ extraData }) => (size += JSON.stringify(extraData).length) > largestRow);
};
const largestRow = 128_000;

/** Whether so many contributions were counted that it took as long as reading rows that are large. */
export const areMany = (counted: number): boolean => counted > 5_000;
