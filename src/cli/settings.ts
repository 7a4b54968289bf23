import { settingsAsMarkdown } from '../config/index.ts';

/** Prints the table of settings as Markdown, as it stands in the README. */
process.stdout.write(`${settingsAsMarkdown()}\n`);
