import { withoutSites } from '../../domain/users/extra-data.ts';
import { Fault, isFault } from '../../domain/fault.ts';
import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import { permitWithdrawal } from '../../domain/permit.ts';
import { type Person, type User, isFoundAnonymized, namesAnotherPerson } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import { removalKey, withdrawalKey } from '../person-keys.ts';
import { acceptForeignWrites, type AcceptForeignWritesNeeds } from '../person-sync/write-rows.ts';
import type { LogInCommand } from './commands.ts';

type Needs = AcceptForeignWritesNeeds & Pick<Ports, 'persons' | 'inOneTransaction'>;

export interface LoginProfile {
  readonly profile: Profile;
  /** This site's values from an earlier stay are withdrawn from it, here and at the OAuth server. */
  readonly isCleared: boolean;
}

/** The profile as of now: the one that came with the login may be older than somebody's write before we had the lease. */
export const currentProfile = async (
  ports: Needs,
  { site, loggedIn }: LogInCommand,
  client: OauthClient,
): Promise<LoginProfile> => {
  const { accessToken, profile: brought } = loggedIn;
  const known = await ports.persons.byExternalId(client.issuer, brought.externalId);
  // In a unit of its own: whoever is refused here was there all the same, and is nobody's to write from now on.
  if (known?.isUnclaimed === true) await ports.inOneTransaction(() => ports.persons.setUnclaimed(known.id, false));
  if (known !== null) await putRowsRight(ports, known.id);
  if (known === null || accessToken === null || !ports.identity.can(client, 'holder'))
    return { profile: brought, isCleared: false };
  const profile = await askedAgain(ports, client, accessToken, brought);
  if (profile?.externalId !== brought.externalId) throw noLongerVouchedFor();
  // What is left unsaid now, the login has said: that an address is not verified, and so is none.
  const said = { ...brought, ...profile };
  if (!(await isLeaving(ports, known.id, site.id))) return { profile: said, isCleared: false };
  return { profile: await withoutOldValues(ports, known, client, said, site.id), isCleared: true };
};

/** In a unit before the login's own: what an OpenStad API anonymized leaves values there, which are withdrawn before a new row comes. */
const putRowsRight = async (ports: Needs, personId: number): Promise<void> => {
  if ((await ports.users.person(personId, 'plain'))?.rows.some(hasForeignWrite) !== true) return;
  await ports.inOneTransaction(async () => {
    const held = await ports.users.person(personId, 'locked');
    if (held !== null) await acceptForeignWrites(ports, held);
  });
};
export const foundAnonymized = (): Fault =>
  new Fault(
    'conflict',
    { rule: 'found-anonymized' },
    'This user looks anonymized by another program: an admin has to look.',
  );
export const hasForeignWrite = (row: User): boolean =>
  isFoundAnonymized(row, row.person) || namesAnotherPerson(row, row.person);

/** An OpenID Connect server without userinfo says so only when it is asked; there is nobody who could have written either. */
const askedAgain = async (
  { identity }: Needs,
  client: OauthClient,
  accessToken: string,
  brought: Profile,
): Promise<Profile | null> => {
  try {
    return await identity.holder(client, accessToken);
  } catch (error) {
    if (!isFault(error, 'oauth-unsupported')) throw error;
    return brought;
  }
};

/** Whether what this person once said at this site still has to leave the OAuth server. */
export const isLeaving = async ({ outbox }: Needs, personId: number, siteId: number): Promise<boolean> => {
  const waiting = [
    await outbox.findLocked('person.withdraw-values', withdrawalKey(personId)),
    await outbox.findLocked('person.remove', removalKey(personId)),
  ];
  return waiting.some((message) => message?.siteIds.includes(siteId) === true);
};

/** Withdrawn by us, before a row is there that would keep them: whoever comes back begins with nothing of before. */
const withoutOldValues = async (
  { identity, users }: Needs,
  { id: personId }: Person,
  client: OauthClient,
  profile: Profile,
  siteId: number,
): Promise<Profile> => {
  // Where nothing can be written, nothing was.
  if (profile.extraData === undefined || !identity.can(client, 'update')) return profile;
  const rows = (await users.person(personId, 'plain'))?.rows ?? [];
  const permit = permitWithdrawal(client, profile, [siteId], rows);
  if (permit === null) return profile;
  await identity.update(permit);
  return { ...profile, extraData: withoutSites(profile.extraData, [siteId]) };
};

export const noLongerVouchedFor = (): Fault<'login-refused'> =>
  new Fault('login-refused', { reason: 'claims' }, 'The OAuth server does not vouch for this account any more.');
