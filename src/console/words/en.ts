import { around } from './en/around.ts';
import { names } from './en/names.ts';
import { problems } from './en/problems.ts';
import { walk } from './en/walk.ts';

/** What the console says, in English: ICU messages. The other languages have the same names. */
export const en = { ...walk, ...names, ...problems, ...around } as const;

/** The names of messages; every language has all of them. */
export type WordName = keyof typeof en;
export type Words = Readonly<Record<WordName, string>>;
