import type { Actor } from '../../domain/actor.ts';
import { namingRow, seenSiteOf, type Group, type Sight } from '../../domain/people/sight.ts';
import type { EntryRow } from '../../domain/users/user.ts';
import { displayName, mayView } from '../../domain/users/user-visibility.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { ReadPerson } from '../../use-cases/people/read-person.ts';
import { statusBody } from './anonymization.ts';
import { jsonArray, userText } from './user-records.ts';

interface Eyes {
  readonly actor: Actor;
  readonly sight: Sight;
  /** Of a row of the actor's own at a site that hides its people: it is in no sight. */
  readonly site?: Site | undefined;
}

/** A person with their rows as the view by id shows each, and what there is beside it. Source: people.md §1. */
export async function* personText(read: ReadPerson): AsyncGenerator<string> {
  const { actor, sight, group, rows, fetchedAt, there } = read;
  const named = {
    ...nameOf({ actor, sight, site: rows[0]?.site }, group),
    ...(fetchedAt === undefined ? {} : { fetchedAt }),
    ...there,
  };
  yield `${JSON.stringify(named).slice(0, -1)},"users":`;
  yield* jsonArray([rows], ({ user, site, contributions, sessions, anonymization }) => {
    const beside = {
      contributions,
      ...(sessions === null ? {} : { sessions }),
      anonymization: anonymization === null ? null : statusBody({ part: anonymization, oauth: null, whole: null }),
    };
    return `${userText(actor, user, site).slice(0, -1)},${JSON.stringify(beside).slice(1)}`;
  });
  yield '}';
}

/** A person as one entry, of rows that the actor sees. Source: people.md §1. */
export const personEntry = (eyes: Eyes, rows: Group<EntryRow>): object => {
  return { ...nameOf(eyes, rows), users: rows.map((row) => rowEntry(eyes, row)) };
};

const nameOf = (eyes: Eyes, rows: Group<EntryRow>): object => {
  const named = namingRow(rows, eyes.actor);
  const shown = shownOf(eyes, named);
  return {
    displayName: shown.displayName,
    email: shown.isSeen('email') ? named.email : null,
    lastLogin: shown.isSeen('lastLogin') ? named.lastLogin : null,
  };
};

const rowEntry = (eyes: Eyes, row: EntryRow): object => {
  const { site, displayName: name, isSeen } = shownOf(eyes, row);
  return {
    id: row.id,
    site: site === null ? null : { id: site.id, title: site.title },
    ...(isSeen('role') ? { role: row.role } : {}),
    displayName: name,
    ...(isSeen('anonymizedAt') ? { anonymizedAt: row.anonymizedAt } : {}),
  };
};

const shownOf = ({ actor, sight, site: own }: Eyes, row: EntryRow) => {
  const site = seenSiteOf(sight, row)?.site ?? (own?.id === row.siteId ? own : null);
  return {
    site,
    displayName: site === null ? null : displayName(row, site.config),
    isSeen: (field: 'email' | 'lastLogin' | 'role' | 'anonymizedAt'): boolean => mayView(actor, field, row, site),
  };
};
