import { namingRow } from '../../domain/people/sight.ts';
import { displayName } from '../../domain/users/user-visibility.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { ConsoleActor, OwnSession, OwnSessions } from '../../use-cases/sessions/console-sessions.ts';

/** Who is signed in at the console, as they see themselves. Source: people.md §6. */
export const ownSessions = (actor: ConsoleActor, own: OwnSessions): object => {
  const { current, rows, moderates, sessions, isPlatformAdmin } = own;
  const [first, ...others] = rows;
  const named = first === undefined ? null : namingRow([first.user, ...others.map(({ user }) => user)], actor);
  const site = rows.find(({ user }) => user.id === named?.id)?.site ?? null;
  return {
    id: current.jti,
    expiresAt: current.expiresAt,
    displayName: named === null || site === null ? null : displayName(named, site.config),
    email: named?.email ?? null,
    platformAdmin: isPlatformAdmin,
    users: rows.map(({ user, site: at, role }) => ({
      id: user.id,
      site: siteOf(at),
      role,
      displayName: displayName(user, at.config),
    })),
    moderates: moderates.map(siteOf),
    sessions: sessions.map((session) => sessionOf(session, current)),
  };
};

const siteOf = ({ id, title }: Site): object => ({ id, title });

const sessionOf = ({ jti, console, site, createdAt, expiresAt }: OwnSession, current: OwnSession): object => ({
  id: jti,
  kind: console === undefined ? 'site' : 'console',
  site: site === null ? null : siteOf(site),
  createdAt,
  expiresAt,
  current: jti === current.jti,
});
