import type { Actor } from '../../domain/actor.ts';
import { addressesWritten, loginSetBy } from '../../domain/people/vouching.ts';
import { wantingOf } from '../../domain/people/assign-addresses.ts';
import { blankRow, type Person, isLive } from '../../domain/users/user.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import { changedRow } from '../../domain/users/user-change.ts';
import type { Ports } from '../../ports/index.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import {
  addressTaken,
  giveAddresses,
  isLeftAsFound,
  acceptForeignWrites,
  type AcceptForeignWritesNeeds,
} from '../person-sync/write-rows.ts';
import { alreadyHere, beingRemoved, endIntent, type Intent, type RightsNow } from './creation-intent.ts';

type Needs = AcceptForeignWritesNeeds & Pick<Ports, 'persons' | 'replays' | 'secrets' | 'inOneTransaction'>;

interface PersonAtSite {
  readonly profile: Pick<Profile, 'externalId'>;
  /** Created by us, and so ours to remove. */
  readonly createdByUs: boolean;
}

/**
 * The row and the end of the intent, in one transaction, behind whose locks the rights are asked once more. A soft-deleted row of
 * the same person at this site comes back, empty.
 */
export const insertRow = (
  ports: Needs,
  lease: Lease,
  intent: Intent,
  rights: RightsNow,
  { profile, createdByUs }: PersonAtSite,
): Promise<number> =>
  ports.inOneTransaction(async () => {
    const { issuer } = intent;
    const held = await ports.persons.ensureWithRows(issuer, profile.externalId, createdByUs, { lease });
    const { person } = held;
    if (held.wasRemoved || person.state === 'removing') throw beingRemoved();
    const { actor, site } = await rights();
    const { rows } = await acceptForeignWrites(ports, held);
    const here = rows.filter((row) => row.siteId === site.id);
    const isHereAsFound = held.rows.some((row) => row.siteId === site.id && isLeftAsFound(ports, row));
    if (isHereAsFound || here.some(isLive)) throw alreadyHere();
    const now = ports.clock.now();
    // The row holds what the body gave, and nothing else, until they log in here: it looks the same whether they were known before.
    const { role = 'member', ...change } = intent.change;
    const given = changedRow(
      { id: 0, ...blankRow(site.id, person.id, profile.externalId, now) },
      { ...change, email: change.email.trim(), role },
    );
    // What was written as their address elsewhere is no more theirs here.
    const row = { ...given, profileWithheld: true, addressWritten: addressesWritten(rows) };
    const old = here.find((one) => one.slot === 0);
    const wanted = wantingOf({ ...row, id: old?.id ?? 0 }, issuer);
    if ((await giveAddresses(ports, [wanted])).size > 0) throw addressTaken();
    const id = old === undefined ? await ports.users.insert(row) : old.id;
    if (old !== undefined) await ports.users.save([{ before: old, after: { ...row, id, createdAt: old.createdAt } }]);
    if (createdByUs && rows.length === 0 && person.fetchedAt === null) await ports.persons.setFetchedAt(person.id, now);
    await markLoginSet(ports, person, intent, actor, createdByUs);
    await endIntent(ports, intent);
    return id;
  });

/** Whoever makes somebody with a phone number may log in as them; also where the answer was lost, and who was made is only found. */
export const markLoginSet = async (
  { persons }: Pick<Ports, 'persons'>,
  { id, loginSetAt }: Person,
  { creating, change, siteId }: Intent,
  actor: Actor,
  createdByUs: boolean,
): Promise<void> => {
  if ((!createdByUs && !creating) || change.phoneNumber == null) return;
  await persons.setLoginSetAt(id, loginSetBy(actor, null, [{ siteId }], loginSetAt));
};
