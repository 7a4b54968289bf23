import type { Actor } from '../../domain/actor.ts';
import { namingRow, seenSiteOf, type Group, type Sight } from '../../domain/people/sight.ts';
import { displayName, mayView } from '../../domain/users/user-visibility.ts';
import type { User } from '../../domain/users/user.ts';

interface Eyes {
  readonly actor: Actor;
  readonly sight: Sight;
}

/** A person as one entry, of rows that the actor sees. Source: people.md §1. */
export const personEntry = (eyes: Eyes, rows: Group): object => {
  const named = namingRow(rows, eyes.actor);
  const shown = shownOf(eyes, named);
  return {
    displayName: shown.displayName,
    email: shown.isSeen('email') ? named.email : null,
    lastLogin: shown.isSeen('lastLogin') ? named.lastLogin : null,
    users: rows.map((row) => rowEntry(eyes, row)),
  };
};

const rowEntry = (eyes: Eyes, row: User): object => {
  const { site, displayName: name, isSeen } = shownOf(eyes, row);
  return {
    id: row.id,
    site: site === null ? null : { id: site.id, title: site.title },
    ...(isSeen('role') ? { role: row.role } : {}),
    displayName: name,
    ...(isSeen('anonymizedAt') ? { anonymizedAt: row.anonymizedAt } : {}),
  };
};

const shownOf = ({ actor, sight }: Eyes, row: User) => {
  const site = seenSiteOf(sight, row)?.site ?? null;
  return {
    site,
    displayName: site === null ? null : displayName(row, site.config),
    isSeen: (field: 'email' | 'lastLogin' | 'role' | 'anonymizedAt'): boolean => mayView(actor, field, row, site),
  };
};
