/** Anything else never reaches SQL: a number that is no safe integer is another number by the time it is compared. */
export const isId = (id: number): boolean => Number.isSafeInteger(id) && id > 0;
