import { Fault } from '../../src/domain/fault.ts';
import type { MessageHandlers } from '../../src/use-cases/outbox/deliver-message.ts';
import { deliverMessage } from '../../src/use-cases/outbox/deliver-message.ts';
import { awaitIdentityCleanup } from '../../src/use-cases/outbox/identity-cleanup.ts';
import { startFakes } from '../support/fakes/index.ts';
import { fakeSettings } from '../support/fakes/settings.ts';

const settings = fakeSettings();
const away = () => Promise.reject(new Fault('oauth-unreachable', { mayHaveHappened: false }));
const carriers = (refresh: MessageHandlers['person.refresh']): MessageHandlers => ({
  'person.remove': away,
  'person.withdraw-values': away,
  'person.refresh': refresh,
  'person.say-unsaid': away,
  'user.create': away,
});
const waiting = { topic: 'person.refresh', key: 'person-1', payload: { personId: 1 } } as const;

describe('A message in the outbox', () => {
  it('is executed, settled and gone', async () => {
    const fakes = startFakes();
    await fakes.outbox.add(waiting);
    const deliver = deliverMessage(
      { ...fakes, settings },
      carriers(async () => ({ outcome: 'refreshed', settle: async () => undefined })),
    );

    expect(await deliver()).toBe('refreshed');

    expect(await fakes.outbox.waiting()).toEqual([]);
    expect(await deliver()).toBeNull();
    expect(fakes.metrics.counted).toEqual(['delivered person.refresh refreshed']);
  });

  it('that cannot be delivered is tried again with growing pauses, up to five minutes', async () => {
    const fakes = startFakes();
    await fakes.outbox.add(waiting);
    const deliver = deliverMessage({ ...fakes, settings }, carriers(away));
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      expect(await deliver()).toBe('pending');
      const [message] = await fakes.outbox.waiting();
      const pause = message!.dueAt.getTime() - fakes.clock.now().getTime();
      expect(await deliver()).toBeNull();
      fakes.clock.advance(pause);
      pauses.push(pause);
    }

    expect(pauses[0]).toBeLessThan(1500);
    expect(pauses.slice(0, 8)).toEqual([...pauses.slice(0, 8)].sort((one, other) => one - other));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(375_000);
  });

  it('that has waited an hour raises an alarm each time, and is not given up', async () => {
    const fakes = startFakes();
    await fakes.outbox.add(waiting);
    const deliver = deliverMessage({ ...fakes, settings }, carriers(away));
    await deliver(waiting);
    fakes.clock.advance(3_600_000);
    await deliver(waiting);

    expect(fakes.log.lines.map(({ level }) => level)).toEqual(['warn', 'error']);
    expect(await fakes.outbox.waiting()).toHaveLength(1);
  });

  it('whose settling fails is not settled half', async () => {
    const fakes = startFakes();
    await fakes.outbox.add(waiting);
    const settle = async () => {
      await fakes.outbox.add({ ...waiting, key: 'person-2', payload: { personId: 2 } });
      throw new Error('the database went away');
    };
    const deliver = deliverMessage(
      { ...fakes, settings },
      carriers(async () => ({ outcome: 'refreshed', settle })),
    );

    expect(await deliver(waiting)).toBe('pending');

    expect((await fakes.outbox.waiting()).map(({ key, attempts }) => [key, attempts])).toEqual([['person-1', 1]]);
  });
});

describe('What an answer says of a removal at the OAuth server', () => {
  const removal = { kind: 'remove', personId: 1, siteIds: [], claimed: null } as const;
  const answerAfter = async (outcome: string | null): Promise<string> =>
    (await awaitIdentityCleanup({ ...startFakes(), settings }, () => Promise.resolve(outcome), removal)).removal;

  it('is what came of it', async () => {
    expect(await answerAfter('kept;reason=other-clients')).toBe('kept;reason=other-clients');
  });

  it('is that it is pending where the message was carried out for another call, or is somebody else’s', async () => {
    expect(await answerAfter('not-needed')).toBe('pending');
    expect(await answerAfter(null)).toBe('pending');
  });
});
