import type { Words } from './en.ts';
import { around } from './nl/around.ts';
import { names } from './nl/names.ts';
import { problems } from './nl/problems.ts';
import { walk } from './nl/walk.ts';

/** Wat de console zegt, in het Nederlands. */
export const nl: Words = { ...walk, ...names, ...problems, ...around };
