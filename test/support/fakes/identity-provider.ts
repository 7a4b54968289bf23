import { Fault } from '../../../src/domain/fault.ts';
import { usePermit } from '../../../src/domain/permit.ts';
import { profileFields, type Profile, type ProfileChange } from '../../../src/domain/people/oauth-profile.ts';
import { highest, type UserRole } from '../../../src/domain/actor.ts';
import type { EndedLogin, IdentityProvider } from '../../../src/ports/identity-provider.ts';

type Person = Profile & { readonly roles: Readonly<Record<string, UserRole | null>> };

/** An OAuth server in memory, well and quick; its people are in `people`. Passes the suite that every adapter passes. */
export const fakeIdentityProvider = (
  clientIds: readonly string[] = [],
): IdentityProvider & { readonly people: Map<string, Person>; readonly codeFor: (externalId: string) => string } => {
  const people = new Map<string, Person>();
  const codes = new Map<string, string>();
  const isKnown = (clientId: string): boolean => clientIds.includes(clientId);
  const refusal = (): Fault => new Fault('oauth-refused', { mayHaveHappened: false });
  const mustBePossible = (change: ProfileChange, externalId: string | null): void => {
    const taken = byAddress(change.email ?? '').some((person) => person.externalId !== externalId);
    if (taken) throw new Fault('conflict', { rule: 'address-taken', field: 'email' });
    if (!Object.keys(change.roles ?? {}).every(isKnown)) throw refusal();
  };
  const known = (externalId: string): Person => {
    const person = people.get(externalId);
    if (person === undefined) throw refusal();
    return person;
  };
  const seen = ({ roles, ...person }: Person, asked: readonly string[]): Profile => {
    if (asked.length === 0) return person;
    const others = Object.entries(roles).flatMap(([id, role]) => (asked.includes(id) ? [] : (role ?? [])));
    const top = highest(others);
    return {
      ...person,
      roles: Object.fromEntries(asked.filter(isKnown).map((id) => [id, roles[id] ?? null])),
      roleElsewhere: top === 'all' ? null : top,
    };
  };
  const write = (externalId: string, before: Person, change: ProfileChange): Profile => {
    const after = { ...before, ...cleared(change), externalId, roles: { ...before.roles, ...change.roles } };
    people.set(externalId, after);
    // Like the real one, an update's answer does not say roles.
    return Object.fromEntries(Object.entries(after).filter(([name]) => name !== 'roles')) as unknown as Profile;
  };
  const byAddress = (email: string): readonly Person[] =>
    email.trim() === ''
      ? []
      : [...people.values()].filter((person) => person.email?.trim().toLowerCase() === email.trim().toLowerCase());

  return {
    people,
    codeFor: (externalId) => {
      const code = `code-${codes.size}-${externalId}`;
      codes.set(code, externalId);
      return code;
    },
    can: () => true,
    credentialsAccepted: async ({ clientId, clientSecret }) => isKnown(clientId) && clientSecret !== 'wrong',
    // A message is what it says, as JSON.
    endedLogin: async (_client, message) => {
      try {
        return JSON.parse(message) as EndedLogin;
      } catch {
        throw new Fault('login-refused', { reason: 'claims' });
      }
    },
    find: async (_client, externalId, asked) => {
      const person = people.get(externalId);
      return person === undefined ? null : seen(person, asked);
    },
    findByEmail: async (_client, email, asked) => {
      const [person, ...others] = byAddress(email);
      return person === undefined || others.length > 0 ? null : seen(person, asked);
    },
    isAddressFree: async (_client, email, externalId) =>
      email.trim() !== '' && byAddress(email).every((person) => person.externalId === externalId),
    create: async (permit) => {
      const { person } = usePermit(permit);
      mustBePossible(person, null);
      const externalId = String(Math.max(9000, ...[...people.keys()].map(Number)) + 1);
      const empty = Object.fromEntries(profileFields.map((field) => [field, null]));
      return write(externalId, { ...empty, externalId, extraData: {}, roles: {} }, person);
    },
    update: async (permit) => {
      const { externalId, change } = usePermit(permit);
      const before = known(externalId);
      mustBePossible(change, externalId);
      return write(externalId, before, change);
    },
    remove: async (permit) => {
      const { externalId } = usePermit(permit);
      people.delete(externalId);
    },
    isNeededElsewhere: async (_client, externalId, ours, leaving) => {
      const held = Object.entries(people.get(externalId)?.roles ?? {}).filter(([, role]) => role !== null);
      const isOurs = (clientId: string): boolean => ours.some((one) => one.clientId === clientId);
      const isKept = ([clientId, role]: (typeof held)[number]): boolean =>
        !isOurs(clientId) || (!leaving.includes(clientId) && role !== 'member' && role !== 'anonymous');
      if (held.some(isKept)) return true;
      const isTaken = ([clientId]: (typeof held)[number]): boolean =>
        ours.some((one) => one.clientId === clientId && one.clientSecret !== 'wrong');
      if (!held.every(isTaken)) throw new Fault('oauth-refused', { mayHaveHappened: false });
      return false;
    },
    stateIsIn: () => 'state',
    authorizationAddress: async ({ issuer }, { redirectUri, state }) =>
      `${issuer}/authorize?${new URLSearchParams({ redirect_uri: redirectUri, state }).toString()}`,
    // An access token is the external id of its holder.
    exchange: async (client, { address }) => {
      const code = new URL(address).searchParams.get('code') ?? '';
      const person = people.get(codes.get(code) ?? '');
      codes.delete(code);
      if (person === undefined) throw new Fault('login-refused', { reason: 'code' });
      const profile = seen(person, [client.clientId]);
      return { profile, accessToken: person.externalId, accessTokenExpiresAt: null, sid: null };
    },
    holder: async (client, accessToken) => {
      const person = people.get(accessToken);
      return person === undefined ? null : seen(person, [client.clientId]);
    },
    logoutAddress: async ({ issuer }, redirectUrl) => `${issuer}/logout?to=${encodeURIComponent(redirectUrl)}`,
    refusesText: () => null,
    refusesEntry: () => null,
  };
};

/** `''` clears as null does. */
const cleared = (change: ProfileChange): ProfileChange =>
  Object.fromEntries(Object.entries(change).map(([key, value]) => [key, value === '' ? null : value]));
