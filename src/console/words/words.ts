import type { en } from './en.ts';

/** The names of messages; every language has all of them. */
export type WordName = keyof typeof en;
export type Words = Readonly<Record<WordName, string>>;
