import type { Command } from 'commander';
import { endings, type Ending } from './endings.ts';
import type { Io, Kind } from './io.ts';

export interface CommonOptions {
  readonly json?: boolean;
}
/** Carries out a command with these options; one that is not said to change something only looks. */
export type CarryOut = (options: CommonOptions, work: (io: Io) => Promise<Ending>, kind?: Kind) => Promise<void>;

/** What the help of a command teaches beside its words. */
interface Lesson {
  readonly does: string;
  /** As they are typed behind `civitas `, each with what it is for. */
  readonly examples: readonly string[];
  /** How it may end beside well, badly and with wrong words. */
  readonly ends?: readonly Ending[];
  readonly readOn: string;
}

/** A command with its help: every one has an example, its exit codes, and where to read on. */
export const taught = (command: Command, { does, examples, ends = [], readOn }: Lesson): Command =>
  command
    .description(does)
    .option('--json', 'one JSON document on stdout, everything else on stderr')
    .addHelpText(
      'after',
      `
${examples.length === 1 ? 'Example' : 'Examples'}:
${examples.map((example) => `  civitas ${example}`).join('\n')}

Exit codes:
${(['done', 'failed', 'wrong-words', ...ends] as const).map((end) => `  ${endings[end].code}  ${endings[end].says}`).join('\n')}

Read on: ${readOn}`,
    );

/** For whatever removes, or takes a right away. */
export const agreeing = (command: Command): Command =>
  command.option('--yes', 'do not ask; without a terminal to ask at it is needed');
