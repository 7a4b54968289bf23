/** Work that may be left off at each `yield`: nothing waits in here, so whoever has it done says what comes in between. */
export type Pieces<T> = Generator<undefined, T, undefined>;
