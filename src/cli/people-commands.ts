import type { Command } from 'commander';
import type { AnonymizeOptions, Chosen } from './commands/anonymize-person.ts';
import type { ExportOptions } from './commands/export-person.ts';
import type { FindOptions } from './commands/find-people.ts';
import { agreeing, taught, type CarryOut, type CommonOptions } from './taught.ts';
import { digest, ids, language, ticket, upTo, userName, type UserName } from './words.ts';

const whom = ['<person>', 'SITE/USER (the site by id or domain), or the id of a user', userName] as const;

export const personCommands = (person: Command, carryOut: CarryOut): void => {
  taught(person.command('find'), {
    does: 'Finds people across sites by words, address or id: a line for each of their rows.',
    examples: [
      'person find niels veg',
      'person find --email niels@example.org',
      'person find --external-id 1001 --json',
    ],
    readOn: 'docs/reference/people.md §1',
  })
    .argument('[words...]', 'each begins a word of a name or an e-mail address')
    .option('--email <address>', 'exactly this address, but for its case')
    .option('--external-id <id>', 'exactly this id at the OAuth server')
    .option('--limit <number>', 'people at most, up to 100', upTo(100), 20)
    .option('--cursor <cursor>', 'go on where an earlier page ended')
    .action((words: readonly string[], options: FindOptions & CommonOptions) =>
      carryOut(options, async (io) => (await import('./commands/find-people.ts')).findPeople(io, words, options)),
    );

  taught(person.command('show'), {
    does: 'Shows a person: rows at all sites, contributions, logins, who they are at the OAuth server. The audit says who looked.',
    examples: ['person show 1/101', 'person show 101 --json'],
    readOn: 'docs/reference/people.md §1',
  })
    .argument(...whom)
    .action((named: UserName, options: CommonOptions) =>
      carryOut(options, async (io) => (await import('./commands/show-person.ts')).showPerson(io, named)),
    );

  choosing(
    taught(person.command('preview'), {
      does: 'Shows what anonymizing a person would do, with the digest that binds it. Changes nothing.',
      examples: ['person preview 1/101', 'person preview 1/101 --changes > changes.json'],
      ends: ['refused'],
      readOn: 'docs/reference/anonymization.md §1–4',
    }).argument(...whom),
  )
    .option('--changes', 'as JSON: each field before and after, what stays under which name, which votes go')
    .action((named: UserName, options: Chosen & { readonly changes?: boolean } & CommonOptions) =>
      carryOut(options, async (io) =>
        (await import('./commands/anonymize-person.ts')).previewPerson(io, named, options),
      ),
    );

  agreeing(
    choosing(
      taught(person.command('anonymize'), {
        does: 'Anonymizes a person everywhere: shows what it will do, asks, and does exactly that or nothing. There is no way back.',
        examples: [
          'person anonymize 1/101 --reason Zaak-1',
          'person anonymize 1/101 --if-match "$(civitas person preview 1/101 --json | jq -r .digest)"',
        ],
        ends: ['refused', 'waiting'],
        readOn: 'docs/reference/anonymization.md',
      }).argument(...whom),
    ),
  )
    .option('--if-match <digest>', 'do not ask, and do it only if the plan still has this digest', digest)
    .option('--reason <ticket>', 'the number of a ticket; it stands in the audit and in the receipt', ticket)
    .option('--wait <seconds>', 'how long to wait for the OAuth server', upTo(86_400), 60)
    .option('--no-wait', 'do not wait behind the first try there')
    .action((named: UserName, options: AnonymizeOptions & CommonOptions) =>
      carryOut(
        options,
        async (io) => (await import('./commands/anonymize-person.ts')).anonymizePerson(io, named, options),
        'changes',
      ),
    );

  taught(person.command('export'), {
    does: 'Writes everything that is kept of a person: as one JSON document, or as a page to hand over. The audit says who exported it.',
    examples: [
      'person export 1/101 --output niels.json',
      'person export 1/101 | jq .users',
      'person export 1/101 --html nl --output niels.html',
    ],
    readOn: 'docs/reference/people.md §1',
  })
    .argument(...whom)
    .option('--html <language>', 'as a page to read, en or nl', language)
    .option('--output <file>', 'into this file, which must not be there yet and which nobody else may read')
    .action((named: UserName, options: ExportOptions & CommonOptions) =>
      carryOut(options, async (io) => (await import('./commands/export-person.ts')).exportPerson(io, named, options)),
    );
};

const choosing = (command: Command): Command =>
  command
    .option('--this-site', 'only at the site of the row that is named')
    .option('--only-sites <ids>', 'only rows at these sites, with commas', ids)
    .option('--only-users <ids>', 'only these rows of the person, with commas; with --only-sites: both', ids);
