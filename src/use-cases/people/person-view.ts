import type { Json } from '../../domain/json.ts';
import { levelOf, type Level } from '../../domain/people/person-facts.ts';
import { displayName, fullName, mayView, mayViewKey } from '../../domain/users/user-visibility.ts';
import type { UserField } from '../../domain/users/user-fields.ts';
import type { PersonAtSites } from '../../ports/people-store.ts';
import type { PersonView } from './commands.ts';
import type { Contributed, Sight } from './people.ts';

/**
 * A person as one entry, however many sites: of each value the first that one of their rows has and this sight may see.
 * Source: management-api.md §2, user-api.md §2.
 */
export const personView = (
  { rows, facts }: PersonAtSites,
  { messages, votes }: Contributed,
  { viewer, asClient, withDetails, sites }: Sight,
  levels: readonly Level[],
): PersonView => {
  const [first] = rows;
  const key = (name: string): Json =>
    firstOf(rows, (row) => {
      const site = sites.get(row.siteId ?? 0);
      const isSeen = site !== undefined && mayViewKey(viewer, name, row, site);
      return isSeen ? (row.extraData[name] ?? null) : null;
    });
  const field = (name: Extract<UserField, 'email' | 'city'>): string | null =>
    firstOf(rows, (row) => (mayView(viewer, name, row, sites.get(row.siteId ?? 0) ?? null) ? row[name] : null));
  const shown = firstOf(rows, (row) => {
    const site = sites.get(row.siteId ?? 0);
    return site === undefined ? null : displayName(row, site.config);
  });
  const name = asClient ? (firstOf(rows, fullName) ?? shown) : shown;
  return {
    id: first.id,
    ...(asClient ? { uid: first.person?.externalId ?? null } : {}),
    imageUrl: textOf(key('image_url')),
    fullName: name,
    level: levelOf(facts.points, levels),
    slug: slugOf(name, first.id),
    description: textOf(key('bio')),
    createdAt: rows.reduce((earliest, { createdAt }) => (createdAt < earliest ? createdAt : earliest), first.createdAt),
    ...facts,
    messages,
    votes,
    ...(withDetails
      ? {
          details: {
            email: field('email'),
            age: numberOf(key('age')),
            city: field('city'),
            occupation: textOf(key('occupation')),
            interests: textOf(key('interests')),
          },
        }
      : {}),
  };
};

const firstOf = <R, T>(rows: readonly R[], read: (row: R) => T | null): T | null =>
  rows.reduce<T | null>((found, row) => found ?? read(row), null);

/** As the manual shows it: `nature,economy` for a list. */
const textOf = (value: Json): string | null => {
  if (typeof value === 'string') return value === '' ? null : value;
  if (typeof value === 'number') return String(value);
  if (!Array.isArray(value)) return null;
  const words = (value as readonly Json[]).filter((word) => typeof word === 'string' || typeof word === 'number');
  return words.length === 0 ? null : words.join(',');
};

const numberOf = (value: Json): number | null => {
  const number = typeof value === 'string' && /^\d{1,3}$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
};

/**
 * A name for addresses: `Jean Dupont`, 21 → `jean-dupont-21`. The id makes it unique and keeps it so without a table of its own; it follows
 * the name, and with the name it goes. Source: management-api.md §2, docs/adr/0012.
 */
const slugOf = (name: string | null, id: number): string => {
  const words = (name ?? '')
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 80);
  return words === '' ? String(id) : `${words}-${id}`;
};
