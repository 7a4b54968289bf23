import { activityTypes } from '../../activity-types/index.ts';
import { namingRow } from '../../domain/people/sight.ts';
import { displayName } from '../../domain/users/user-visibility.ts';
import { personText } from '../../http/presenters/person.ts';
import type { ReadPerson } from '../../use-cases/people/read-person.ts';
import type { Ending } from '../endings.ts';
import { withoutControls, type Io } from '../io.ts';
import { operatorHere } from '../operator.ts';
import { factsText, momentText, tableText, type Cell } from '../table.ts';
import { withContainer } from '../with-container.ts';
import type { UserName } from '../words.ts';
import { nameOfUser, userNamed } from './named-user.ts';

/** What there is of a person at all sites. That somebody looked stands in the audit before it is told. */
export const showPerson = (io: Io, named: UserName): Promise<Ending> =>
  withContainer(async ({ useCases, ports }) => {
    const actor = operatorHere();
    const read = await useCases.readPerson({ actor, ...(await userNamed(ports, named)) });
    if (io.json) {
      for await (const piece of personText(read)) await io.print(withoutControls(piece));
      await io.print('\n');
    } else {
      const naming = namingRow(read.group, actor);
      await io.print(`${factsText(io.out, factsOf(read, naming))}\n${rowsTable(io, read)}`);
    }
    return 'done';
  });

const factsOf = (
  { rows, fetchedAt, there }: ReadPerson,
  naming: ReadPerson['group'][number],
): readonly (readonly [string, Cell])[] => {
  const site = rows.find(({ user }) => user.id === naming.id)?.site;
  return [
    ['name', site === undefined ? null : displayName(naming, site.config)],
    ['email', naming.email],
    ['last login', naming.lastLogin.getTime() > 0 ? naming.lastLogin : null],
    ...(there === undefined
      ? []
      : ([
          ['OAuth server', there.issuer],
          ['id there', there.externalUserId],
          ['asked there', fetchedAt ?? null],
          ['drift', there.drift.map(({ kind, fields }) => [kind, ...fields].join(' ')).join('; ') || 'none'],
        ] as const)),
  ];
};

const rowsTable = ({ out }: Io, { rows }: ReadPerson): string =>
  tableText(
    out,
    ['row', 'site', 'role', ...activityTypes.map(({ plural }) => plural), 'logins', 'anonymized'],
    rows.map(({ user, site, contributions, sessions, anonymization }) => [
      nameOfUser(user.siteId, user.id),
      site.title,
      user.role,
      ...activityTypes.map(({ plural }) => contributions[plural] ?? 0),
      sessions?.n ?? null,
      user.anonymizedAt === null
        ? null
        : `${momentText(user.anonymizedAt)}${anonymization === null ? '' : ` (${anonymization.call})`}`,
    ]),
  );
