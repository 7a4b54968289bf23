import type { Ports } from '../../ports/index.ts';
import type { ForeignWrites } from '../../ports/people.ts';
import { removalKey, withdrawalKey } from '../person-keys.ts';
import { acceptForeignWrites, type AcceptForeignWritesNeeds } from './write-rows.ts';

type Needs = AcceptForeignWritesNeeds &
  Pick<Ports, 'inOneTransaction' | 'withLease' | 'log'> & { readonly foreignWrites: ForeignWrites };

const peopleAtOnce = 200;
const rowsAtOnce = 500;
/** Rows whose words are compared in one turn: a city of a million is gone through in a day of turns of five minutes. */
const rowsATurn = 5000;

/**
 * Puts right what an OpenStad API beside us wrote since the last turn: people whose rows it anonymized, gave away or removed, rows
 * that it made, totals of lists and, a slice a turn, search words. One instance at a time; may stop anywhere and run twice.
 * Source: docs/adr/0017.
 */
export const putRight = (ports: Needs): ((stopping: () => boolean) => Promise<void>) => {
  let wordedUpTo = 0;
  return (stopping) =>
    ports.withLease('beside-openstad', async (lease) => {
      const { foreignWrites, settings, clock } = ports;
      for (let seen = new Set<number>(); !stopping();) {
        const people = (await foreignWrites.touchedPeople(peopleAtOnce)).filter((id) => !seen.has(id));
        if (people.length === 0) break;
        for (const personId of people) await takePerson(ports, personId);
        seen = new Set([...seen, ...people]);
        await lease.assertHeld();
      }
      await foreignWrites.link(settings.globalOauthClient?.issuer ?? null, clock.now());
      await lease.assertHeld();
      await noteLeftBehind(ports, stopping);
      const counts = await foreignWrites.putCountsRight();
      if (counts > 0) ports.log.info({ counts }, 'totals of lists were put right');
      for (let rows = 0; rows < rowsATurn && !stopping(); rows += rowsAtOnce) {
        await lease.assertHeld();
        const last = await foreignWrites.putWordsRight(wordedUpTo, rowsAtOnce);
        wordedUpTo = last ?? 0;
        if (last === null) return;
      }
    });
};

const takePerson = (ports: Needs, personId: number): Promise<void> =>
  ports.inOneTransaction(async () => {
    const held = await ports.users.person(personId, 'locked');
    if (held !== null) await acceptForeignWrites(ports, held);
  });

/** Who is on their way out, or waits for their values to be withdrawn, is nobody to look at yet. */
const noteLeftBehind = async (ports: Needs, stopping: () => boolean): Promise<void> => {
  for (let after = 0; !stopping();) {
    const people = await ports.foreignWrites.leftBehind(after, peopleAtOnce);
    for (const personId of people) {
      const isLeaving =
        (await ports.outbox.findLocked('person.remove', removalKey(personId))) !== null ||
        (await ports.outbox.findLocked('person.withdraw-values', withdrawalKey(personId))) !== null;
      if (!isLeaving) await ports.findings.note(personId, [{ kind: 'left-behind', fields: [] }], ports.clock.now());
    }
    after = people.at(-1) ?? 0;
    if (people.length < peopleAtOnce) return;
  }
};
