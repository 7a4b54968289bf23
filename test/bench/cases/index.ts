import type { Case } from './case.ts';
import { contributing } from './contributing.ts';
import { finding } from './finding.ts';
import { listing } from './listing.ts';
import { managing } from './managing.ts';
import { viewing } from './viewing.ts';
import { writing } from './writing.ts';

/** The list: each is a line of the table. */
export const cases: readonly Case[] = [...listing, ...finding, ...viewing, ...contributing, ...writing, ...managing];
