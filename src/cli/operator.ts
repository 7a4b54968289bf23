import { userInfo } from 'node:os';
import { operator, type Actor } from '../domain/actor.ts';

/** Whoever runs this command, by the account of the operating system that the process has. Source: people.md §4. */
export const operatorHere = (): Actor => operator(accountName());

/** A container may run under a number that no account has. */
const accountName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
};
