import { Fault } from '../domain/fault.ts';
import type { Person } from '../domain/users/user.ts';
import type { Ports } from '../ports/index.ts';

type Secrets = Pick<Ports['secrets'], 'fingerprint'>;

/** The lease under which a person is read, merged and written at the OAuth server. */
export const personLeaseName = (
  secrets: Secrets,
  { issuer, externalId }: Pick<Person, 'issuer' | 'externalId'>,
): string => `person:${secrets.fingerprint('person lease', JSON.stringify([issuer, externalId]))}`;

/** Who somebody is at their OAuth server, for messages that wait. */
export const whomOf = (secrets: Secrets, { issuer, externalId }: Pick<Person, 'issuer' | 'externalId'>): string =>
  secrets.fingerprint('whom', JSON.stringify([issuer, externalId]));

/** Fault `conflict` where the person's row names somebody else by now: only whoever writes the database does that. */
export const mustBeWhom = ({ secrets, log }: Pick<Ports, 'secrets' | 'log'>, person: Person, whom: string): void => {
  if (whom === whomOf(secrets, person)) return;
  log.error({ personId: person.id }, 'a person is not who they were when a message about them was written: it waits');
  throw new Fault('conflict', { rule: 'person-was-changed' }, 'The person was changed meanwhile.');
};

/** The lease (and the intent's key) under which an address is created at an issuer: there is no person yet. */
export const creationKey = (secrets: Secrets, issuer: string, email: string): string =>
  secrets.fingerprint('address lease', JSON.stringify([issuer, email.trim().toLowerCase()]));

/** What was written as somebody's address: compared with what a login brings. */
export const addressFingerprint = (secrets: Secrets, email: string): string =>
  secrets.fingerprint('written address', email.trim().toLowerCase()).slice(0, 32);

export const refreshKey = (personId: number): string => `person-${personId}`;
export const removalKey = (personId: number): string => `person-${personId}`;
export const withdrawalKey = (personId: number): string => `person-${personId}`;
export const intentKey = (siteId: number, key: string): string => `site-${siteId}-${key}`;
/** Of such a key the site, so that nobody has to open what waits under it. */
export const siteOfIntent = (key: string): number | null => {
  const [, siteId] = /^site-(\d+)-/.exec(key) ?? [];
  return siteId === undefined ? null : Number(siteId);
};

/** The fingerprint under which a session remembers the OAuth server's own name for its login (oidc's `sid`). */
export const loginName = (secrets: Secrets, issuer: string, sid: string): string =>
  secrets.fingerprint('login name', JSON.stringify([issuer, sid]));
