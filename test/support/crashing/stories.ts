import type { Request } from './instance.ts';
import { mailOf, type Inhabitant, type Settled } from './small-world.ts';

/** Somebody at three sites, somebody at one, and somebody that only the OAuth server knows. */
export const everywhere: Inhabitant = { externalId: 100, siteIds: [1, 2, 3] };
export const onlyHere: Inhabitant = { externalId: 200, siteIds: [1] };
export const onlyThere: Inhabitant = { externalId: 300, siteIds: [2] };

/** A way to write: the call, given who lives where. */
export type Story = (settled: Settled) => Request;

const rowOf = (settled: Settled, { externalId }: Inhabitant, siteId: number): string => {
  const row = settled.get(externalId)?.find((one) => one.siteId === siteId);
  if (row === undefined) throw new Error(`person ${externalId} has no row at site ${siteId}`);
  return `/api/site/${siteId}/user/${row.id}`;
};
const change = { firstName: 'Nieuw', city: 'Den Haag', extraData: { bio: 'Nieuw op 1', shared: 'Nieuw' } };

/** Every way to write, for people of the given kinds. */
export const useCasesOf = (people: {
  readonly everywhere: Inhabitant;
  readonly onlyHere: Inhabitant;
  readonly onlyThere: Inhabitant;
  readonly newMail: string;
}): Readonly<Record<StoryName, Story>> => ({
  'do-anonymizeall': (settled) => ({
    method: 'PUT',
    path: `${rowOf(settled, people.everywhere, 1)}/do-anonymizeall`,
  }),
  'do-anonymize': (settled) => ({ method: 'PUT', path: `${rowOf(settled, people.everywhere, 1)}/do-anonymize` }),
  'delete of a last row': (settled) => ({ method: 'DELETE', path: rowOf(settled, people.onlyHere, 1) }),
  'delete with rows elsewhere': (settled) => ({ method: 'DELETE', path: rowOf(settled, people.everywhere, 2) }),
  'create of a new person': () => ({
    method: 'POST',
    path: '/api/site/1/user',
    body: { ...change, email: people.newMail, lastName: 'Nieuweling', role: 'editor' },
  }),
  'create of a known person': () => ({
    method: 'POST',
    path: '/api/site/1/user',
    body: { ...change, email: mailOf(people.onlyThere.externalId) },
  }),
  update: (settled) => ({ method: 'PUT', path: rowOf(settled, people.everywhere, 1), body: change }),
  'update of a role': (settled) => ({
    method: 'PUT',
    path: rowOf(settled, people.everywhere, 1),
    body: { role: 'moderator' },
  }),
});

export const storyNames = [
  'do-anonymizeall',
  'do-anonymize',
  'delete of a last row',
  'delete with rows elsewhere',
  'create of a new person',
  'create of a known person',
  'update',
  'update of a role',
] as const;
export type StoryName = (typeof storyNames)[number];

/** The use cases of the crash tests: one world holds one person of each kind. */
export const crashStories = useCasesOf({ everywhere, onlyHere, onlyThere, newMail: 'new@example.org' });
