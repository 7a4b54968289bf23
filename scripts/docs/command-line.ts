import type { Command } from 'commander';
import { createProgram } from '../../src/cli/program.ts';

/** What `--help` prints of every command, as wide as where nobody looks. */
export const commandHelp = (): string => {
  const program = createProgram(() => Promise.resolve());
  return [program, ...leavesOf(program)]
    .map((command) => `### ${nameOf(command)}\n\n\`\`\`text\n${helpOf(command).trim()}\n\`\`\``)
    .join('\n\n');
};

const leavesOf = (command: Command): readonly Command[] =>
  command.commands.flatMap((one) => (one.commands.length === 0 ? [one] : leavesOf(one)));

const nameOf = (command: Command): string =>
  command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;

const helpOf = (command: Command): string => {
  let text = '';
  command.configureOutput({
    getOutHelpWidth: () => 100,
    writeOut: (piece) => {
      text += piece;
    },
  });
  command.outputHelp();
  return text;
};
