import { signal } from '@preact/signals';
import type { OwnSessions, PersonAcrossSites } from '../client/index.ts';

/** Who works here, as the program told it; null: not asked yet, or nobody. */
export const session = signal<OwnSessions | null>(null);
/** Whether an answer said that nobody is logged in: there never was anybody, or their session has ended. */
export const isSignedOut = signal(false);

/** What is shown gives way to the way in. */
export const signedOut = (): void => {
  isSignedOut.value = true;
};

/** What of it decides over what is shown: another one, and every page begins anew. */
export const rightsOf = ({ platformAdmin, users, moderates }: OwnSessions): string =>
  JSON.stringify([platformAdmin, users.map(({ site, role }) => [site.id, role]), moderates.map(({ id }) => id)]);

/** Where a login begins; it leads back to where one is now. */
export const loginAddress = (): string =>
  `/oauth/console/login?${new URLSearchParams({ returnTo: location.pathname + location.search }).toString()}`;

const order = ['anonymous', 'member', 'moderator', 'editor', 'admin'] as const;
type Row = Pick<PersonAcrossSites['users'][number], 'id' | 'siteId' | 'role'>;

/**
 * Whether the one who works here may anonymize a row: of oneself, or as moderator or above of its site, nobody of a higher role. What
 * the program says counts; this only keeps from offering what it would refuse. Source: anonymization.md §1.
 */
export const mayAnonymize = ({ id, siteId, role }: Row): boolean => {
  const { value: own } = session;
  if (own === null || own.platformAdmin) return true;
  const here = own.users.find(({ site }) => site.id === siteId);
  if (here === undefined) return false;
  return (
    here.id === id ||
    order.indexOf(here.role) >= Math.max(order.indexOf('moderator'), order.indexOf(role ?? 'anonymous'))
  );
};

export const isPlatformAdmin = (): boolean => session.value?.platformAdmin === true;
export const isAdminAt = (siteId: number): boolean =>
  isPlatformAdmin() || (session.value?.users ?? []).some(({ site, role }) => site.id === siteId && role === 'admin');
export const isAdminSomewhere = (): boolean => isPlatformAdmin() || sitesOfOwn().some(({ id }) => isAdminAt(id));
/** Where the one who works here is moderator or above. */
export const sitesOfOwn = (): OwnSessions['moderates'] => session.value?.moderates ?? [];
export const siteTitle = (siteId: number): string =>
  sitesOfOwn().find(({ id }) => id === siteId)?.title ?? String(siteId);
