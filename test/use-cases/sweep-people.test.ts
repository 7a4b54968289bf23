import { Fault } from '../../src/domain/fault.ts';
import type { Person } from '../../src/domain/users/user.ts';
import type { IdentityProvider } from '../../src/ports/identity-provider.ts';
import { sweepPeople } from '../../src/use-cases/person-sync/sweep-people.ts';
import { aPerson, aSite, aUser } from '../support/builders.ts';
import { fakeIdentityProvider } from '../support/fakes/identity-provider.ts';
import { startFakes } from '../support/fakes/index.ts';
import { fakeSettings } from '../support/fakes/settings.ts';

const issuer = 'https://oauth.example';
const goOn = () => false;

/** Some people whom nobody has read yet, each with one row, and walks over them. */
const world = async (howMany: number) => {
  const fakes = startFakes();
  const identity = fakeIdentityProvider(['client-1']);
  const asked: string[] = [];
  const trouble: { with?: (externalId: string) => Error | undefined } = {};
  const provider: IdentityProvider = {
    ...identity,
    find: (client, externalId, clientIds) => {
      asked.push(externalId);
      const fault = trouble.with?.(externalId);
      return fault === undefined ? identity.find(client, externalId, clientIds) : Promise.reject(fault);
    },
  };
  const oauth = { default: { 'auth-server-url': issuer, 'auth-client-id': 'client-1', 'auth-client-secret': 'x' } };
  fakes.world.put.site(aSite({ id: 1, config: { oauth } }));
  const people = Array.from({ length: howMany }, (): Person => aPerson({ issuer }));
  for (const person of people) {
    const { externalId } = person;
    fakes.world.put.user(aUser({ siteId: 1, person, email: `p${externalId}@example.org`, city: 'Delft' }));
    identity.people.set(externalId, { externalId, email: `p${externalId}@example.org`, city: 'Delft', roles: {} });
  }
  const ports = { ...fakes, identity: provider, settings: fakeSettings() };
  return {
    ...{ fakes, people, asked, trouble, clock: fakes.clock },
    there: identity.people,
    walk: sweepPeople(ports),
    /** As another instance has it. */
    otherWalk: sweepPeople(ports),
    progress: async () => (await fakes.sweeps.progress())!,
    ids: people.map(({ externalId }) => externalId),
    kinds: async () =>
      (await fakes.findings.page(null, 100, 0)).map(({ personId, kind, fields }) => [personId, kind, fields]),
  };
};

describe('The walk over all people', () => {
  it('reads one after the other, a few at a time, and begins anew at the end', async () => {
    const { walk, asked, ids, progress, clock } = await world(5);
    await walk(2, goOn);
    expect(asked).toEqual(ids.slice(0, 2));
    expect(await progress()).toMatchObject({ checked: 2, endedAt: null });
    await walk(2, goOn);
    await walk(2, goOn);
    expect(asked).toEqual(ids);
    await walk(2, goOn);
    expect(await progress()).toMatchObject({ position: 0, checked: 0, endedAt: clock.now() });
    clock.advance(61_000);
    await walk(1, goOn);
    expect(asked).toEqual([...ids, ids[0]]);
  });

  it('goes on where it stood, in another instance too, and is one instance’s at a time', async () => {
    const { walk, otherWalk, asked, ids, clock } = await world(4);
    await walk(1, goOn);
    await otherWalk(1, goOn);
    expect(asked).toEqual(ids.slice(0, 1));
    clock.advance(60_001);
    await otherWalk(1, goOn);
    await walk(1, goOn);
    expect(asked).toEqual(ids.slice(0, 2));
  });

  it('passes by whom somebody has read just now', async () => {
    const { walk, asked, ids, fakes, people, clock } = await world(3);
    await fakes.persons.setFetchedAt(people[1]!.id, clock.now());
    await walk(3, goOn);
    expect(asked).toEqual([ids[0], ids[2]]);
  });

  it('stops when the program does', async () => {
    const { walk, asked } = await world(3);
    await walk(3, () => asked.length > 0);
    expect(asked).toHaveLength(1);
  });

  it('pauses longer and longer while the server is unwell, and goes on with the same person', async () => {
    const { walk, asked, ids, trouble, clock } = await world(2);
    trouble.with = () => new Fault('oauth-unreachable', { mayHaveHappened: false });
    for (let second = 0; second < 30; second += 1) {
      await walk(2, goOn);
      clock.advance(1000);
    }
    expect(asked).toEqual([ids[0], ids[0], ids[0]]);
    delete trouble.with;
    clock.advance(60_000);
    await walk(2, goOn);
    expect(asked.slice(3)).toEqual(ids);
  });

  it('waits for nobody whose record cannot be read, and notes them', async () => {
    const { walk, asked, ids, people, trouble, kinds } = await world(3);
    const odd = new Fault('oauth-refused', { mayHaveHappened: false, inRecord: true });
    trouble.with = (externalId) => (externalId === ids[0] ? odd : undefined);

    await walk(3, goOn);

    expect(asked).toEqual(ids);
    expect(await kinds()).toContainEqual([people[0]!.id, 'unreadable', []]);
  });

  it.each([
    ['cannot be read', new Fault('oauth-refused', { mayHaveHappened: false })],
    ['cannot be written', new Error('the database refused a statement')],
  ])('passes by somebody who %s, after some tries', async (_what, error) => {
    const { walk, asked, ids, trouble, clock } = await world(2);
    trouble.with = (externalId) => (externalId === ids[0] ? error : undefined);
    for (let minute = 0; minute < 10; minute += 1) {
      await walk(2, goOn);
      clock.advance(60_000);
    }
    expect(asked.filter((id) => id === ids[0]).length).toBeLessThanOrEqual(6);
    expect(asked).toContain(ids[1]);
  });

  it('notes whom the server no longer knows, who differed, and what does not fit', async () => {
    const { walk, ids, people, there, kinds, clock, fakes } = await world(4);
    there.delete(ids[0]!);
    there.set(ids[1]!, { ...there.get(ids[1]!)!, city: 'Gouda', firstName: 'Noor' });
    there.set(ids[2]!, { ...there.get(ids[2]!)!, postcode: '1234 AB, tweede deur links' });
    expect(await kinds()).toEqual(people.map(({ id }) => [id, 'never-fetched', []]));
    await walk(4, goOn);
    expect(await kinds()).toEqual(
      [
        [people[1]!.id, 'differed', ['firstName', 'city']],
        [people[2]!.id, 'differed', expect.arrayContaining(['postcode'])],
        [people[2]!.id, 'does-not-fit', ['postcode']],
        [people[0]!.id, 'never-fetched', []],
        [people[0]!.id, 'unknown-there', []],
      ].sort((one, other) => (String(one[1]) < String(other[1]) ? -1 : 1)),
    );
    // Found again, and no difference any more: only what does not fit stays.
    there.set(ids[0]!, { externalId: ids[0]!, email: `p${ids[0]!}@example.org`, city: 'Delft', roles: {} });
    clock.advance(61_000);
    await walk(4, goOn);
    await walk(4, goOn);
    clock.advance(61_000);
    await walk(4, goOn);
    await fakes.findings.forgetBefore(new Date(clock.now().getTime() + 1));
    expect((await kinds()).filter(([, kind]) => kind !== 'differed')).toEqual([
      [people[2]!.id, 'does-not-fit', ['postcode']],
    ]);
  });
});
