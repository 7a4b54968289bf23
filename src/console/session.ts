import { computed, signal } from '@preact/signals';
import type { OwnSessions, PersonAcrossSites } from '../client/index.ts';
import { t } from './words/index.ts';

/** Who works here, as the program told it; null: not asked yet, or nobody. */
export const session = signal<OwnSessions | null>(null);
/** Whether an answer said that nobody is logged in: there never was anybody, or their session has ended. */
export const isSignedOut = signal(false);
/** Whether it was a session that has ended, and not none at all. */
export const hasEnded = signal(false);

/** Other tabs of this browser, which may show the work of the same session. */
export const otherTabs = new BroadcastChannel('civitas-console');

/** What is shown gives way to the way in, in the other tabs, too, once they have asked. */
export const signedOut = (isEnded: boolean): void => {
  if (isEnded) hasEnded.value = true;
  if (isSignedOut.peek()) return;
  isSignedOut.value = true;
  // Whoever never was logged in here has nothing to tell them, and would be heard by pages that the browser keeps.
  if (isEnded || session.peek() !== null) otherTabs.postMessage('left');
};

/** What became of what somebody wanted done last; `done` and `undone`: as the answer said; `unsure`: there was none. */
export type LastChange = 'underWay' | 'done' | 'undone' | 'unsure';
/** Where nothing but the way in is left to tell of it; null: there was nothing, or its own page tells of it. */
export const lastChange = signal<LastChange | null>(null);

/** What of it decides over what is shown: another one, and every page begins anew. A platform admin sees all, however many sites there are. */
export const rightsOf = ({ platformAdmin, users, moderates }: OwnSessions): string =>
  platformAdmin
    ? 'all'
    : JSON.stringify([users.map(({ site, role }) => [site.id, role]), moderates.map(({ id }) => id)]);

/** Where one is, for a way back. */
const here = (): string => location.pathname + location.search;

/** Where this tab has gone away from to log in: the only one to whom the way back opens a page at once. */
export const way = {
  keep: (): void => {
    sessionStorage.setItem(keptWay, here());
  },
  isTo: (address: string): boolean => sessionStorage.getItem(keptWay) === address,
};
const keptWay = 'civitas-console-way';

/** Where a login begins, through the same client as the one before; it leads back to where one is now. */
export const loginAddress = (): string => {
  const site = session.peek()?.loginSite?.id;
  const said = new URLSearchParams({
    returnTo: here(),
    ...(site === undefined ? {} : { site: String(site) }),
  });
  return `/oauth/console/login?${said.toString()}`;
};

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
/** Where the one who works here is moderator or above, as far as it is known. */
export const sitesOfOwn = (): OwnSessions['moderates'] => everySite.value ?? session.value?.moderates ?? [];
export const siteTitle = (siteId: number): string => ownTitles.value.get(siteId) ?? String(siteId);
const ownTitles = computed(() => titlesOf(sitesOfOwn()));

interface Titled {
  readonly id: number;
  readonly title: string;
}
/** What to call each of these sites: where two look alike, or nothing of a title can be seen, with the number beside it. */
export const titlesOf = (sites: readonly Titled[]): ReadonlyMap<number, string> => {
  const all = new Map(sites.map(({ id, title }) => [id, title]));
  const alike = new Map<string, number>();
  for (const title of all.values()) alike.set(seenAs(title), (alike.get(seenAs(title)) ?? 0) + 1);
  return new Map(
    [...all].map(([id, title]) => {
      const isTold = alike.get(seenAs(title)) === 1 && seenAs(title) !== '';
      return [id, isTold ? title : t('site.numbered', { title, id: String(id) })];
    }),
  );
};
const seenAs = (title: string): string =>
  title
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();

/** Of more sites than a session tells, to a platform admin: all of them; null: they were not asked for. */
export const everySite = signal<OwnSessions['moderates'] | null>(null);
/** Whether there may be more sites than are known. Source: people.md §6. */
export const areSitesCut = (): boolean =>
  everySite.value === null && (session.value?.moderates.length ?? 0) >= mostModerated;
const mostModerated = 1000;
