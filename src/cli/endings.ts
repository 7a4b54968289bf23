import { isFault, type Fault, type FaultCode } from '../domain/fault.ts';
import { ruleOfProblem } from '../http/problems.ts';

/** How a command ends, by its exit code. Source: people.md §4. */
export const endings = {
  done: { code: 0, says: 'done' },
  failed: { code: 1, says: 'failed: one line on stderr says why, and what to do' },
  'wrong-words': { code: 2, says: 'the words were wrong, or --yes is missing where nobody can be asked' },
  refused: { code: 3, says: 'refused, and nothing was done: the plan changed, a rule forbids it, or you said no' },
  waiting: { code: 4, says: 'done here; the OAuth server has not answered yet, and is asked again' },
} as const;
export type Ending = keyof typeof endings;

/** Ends a command with one line that names what to do: no SQL, no stack, no password. */
export class CommandFailed extends Error {
  readonly ending: Exclude<Ending, 'done'>;
  constructor(line: string, ending: Exclude<Ending, 'done'> = 'failed', options?: ErrorOptions) {
    super(line, options);
    this.name = 'CommandFailed';
    this.ending = ending;
  }
}

/** Faults after which a command has not merely failed. */
const endingOfFault: Partial<Record<FaultCode, Exclude<Ending, 'done'>>> = {
  ...{ 'malformed-request': 'wrong-words', 'invalid-values': 'wrong-words' },
  ...{ unauthenticated: 'refused', forbidden: 'refused', conflict: 'refused' },
  ...{ 'plan-changed': 'refused', 'preview-required': 'refused', 'precondition-failed': 'refused' },
};

/** What is said of an error, and how the command ends with it; of a bug nothing but that it is one. */
export const endOf = (error: unknown): { readonly line: string; readonly ending: Exclude<Ending, 'done'> } => {
  if (error instanceof CommandFailed) return { line: error.message, ending: error.ending };
  if (isFault(error)) return { line: sentenceOf(error), ending: endingOfFault[error.code] ?? 'failed' };
  const name = error instanceof Error ? error.name : 'unknown';
  return { line: `This is a bug (${name}): LOG_LEVEL=debug tells more.`, ending: 'failed' };
};

/** Where nobody gave a fault a sentence, it has the title of its problem. */
const sentenceOf = ({ code, message }: Fault): string => {
  const said = message === code ? ruleOfProblem(code).title : message;
  return /[.!?]$/.test(said) ? said : `${said}.`;
};
