import { settingsAsMarkdown } from '../config/index.ts';

/** Prints the table of settings as Markdown, as it stands in docs/settings.md. */
process.stdout.write(`${settingsAsMarkdown()}\n`);
