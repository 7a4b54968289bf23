import { ClaimLost, type Message, type Messages } from '../../src/ports/outbox.ts';
import { useSubject, type Start } from './subject.ts';

const refresh = (personId: number) =>
  ({ topic: 'person.refresh', key: `person-${personId}`, payload: { personId } }) as const;

export const describeOutbox = (name: string, start: Start): void => {
  describe(`the outbox of ${name}`, () => {
    const subject = useSubject(start);
    const outbox = () => subject().stores.outbox;
    const soon = (ms: number): Date => new Date(subject().clock.now().getTime() + ms);
    const claimed = async (...named: Parameters<ReturnType<typeof outbox>['claim']>): Promise<Message> => {
      const message = await outbox().claim(...named);
      if (message === null) throw new Error('there was nothing to claim');
      return message;
    };

    beforeEach(async () => {
      for (const { topic, key } of await outbox().waiting()) await outbox().cancel(topic as Message['topic'], key);
    });

    it('that is added merged keeps what waited under its key, and is due at once', async () => {
      const { outbox, inOneTransaction } = subject().stores;
      const wish = (siteIds: readonly number[]) =>
        ({
          topic: 'person.remove',
          key: 'merged',
          payload: { personId: 5, siteIds, clients: ['c'], operations: [], whom: 'w', writtenAt: 'then' },
        }) as const;
      const join = (siteIds: readonly number[]) => (earlier: Messages['person.remove']) => ({
        ...earlier,
        siteIds: [...earlier.siteIds, ...siteIds],
      });
      const first = await inOneTransaction(() => outbox.addMerged(wish([1]), join([1]), 'free'));
      const held = await outbox.claim(wish([1]));
      const second = await inOneTransaction(() => outbox.addMerged(wish([2]), join([2]), 'claimed'));
      expect([first, second]).toEqual([
        { payload: wish([1]).payload, claimed: null },
        { payload: wish([1, 2]).payload, claimed: null },
      ]);
      expect(await outbox.findLocked('person.remove', 'merged')).toEqual(wish([1, 2]).payload);
      await expect(outbox.settle(held!)).rejects.toThrow(ClaimLost);
      await outbox.cancel('person.remove', 'merged');
    });

    it('that is added for who delivers it is theirs at once, and everybody’s when they do not', async () => {
      const { outbox, inOneTransaction } = subject().stores;
      const added = async (personId: number): Promise<Message> => {
        const { claimed: own } = await inOneTransaction(() =>
          outbox.addMerged(refresh(personId), (earlier) => earlier, 'claimed'),
        );
        return own!;
      };
      const [first, second] = [await added(1), await added(2)];
      expect(first).toMatchObject({ ...refresh(1), attempts: 0, createdAt: subject().clock.now() });
      expect(await outbox.claim()).toBeNull();
      expect(await outbox.claim(refresh(1))).toBeNull();
      await outbox.settle(first);
      expect((await outbox.waiting()).map(({ id }) => id)).toEqual([second.id]);
      subject().clock.advance(31_000);
      expect(await claimed()).toMatchObject(refresh(2));
      await expect(outbox.settle(second)).rejects.toThrow(ClaimLost);
    });

    it('that is held on to is nobody else’s for so long; one that others have taken cannot be', async () => {
      const { outbox, inOneTransaction } = subject().stores;
      await outbox.add(refresh(4));
      const first = await claimed();
      subject().clock.advance(29_000);
      await inOneTransaction(() => outbox.holdOn(first, 60_000));
      subject().clock.advance(59_000);
      expect(await outbox.claim(refresh(4))).toBeNull();
      subject().clock.advance(2_000);
      const next = await claimed();
      await expect(inOneTransaction(() => outbox.holdOn(first, 60_000))).rejects.toThrow(ClaimLost);
      await outbox.settle(next);
      await expect(inOneTransaction(() => outbox.holdOn(next, 60_000))).rejects.toThrow(ClaimLost);
    });

    it('that is added to another, or by itself, is due when it was said to be', async () => {
      const { outbox, inOneTransaction } = subject().stores;
      const dueAt = new Date(subject().clock.now().getTime() + 60_000);
      for (let times = 0; times < 2; times += 1) {
        await inOneTransaction(() => outbox.addMerged(refresh(3), (earlier) => earlier, 'free', dueAt));
        expect(await outbox.waiting()).toMatchObject([{ topic: 'person.refresh', dueAt }]);
      }
      await outbox.cancel('person.refresh', refresh(3).key);
    });

    it('gives a message back as it was put in', async () => {
      const payload = { personId: 1, siteIds: [1, 2], clients: ['één', 'two'] };
      await outbox().add({ topic: 'person.remove', key: 'person-1', payload });
      const message = await claimed();
      expect(message).toMatchObject({ topic: 'person.remove', key: 'person-1', payload, attempts: 0 });
      expect(await outbox().findLocked('person.remove', 'person-1')).toEqual(payload);
      await outbox().settle(message);
      expect(await outbox().waiting()).toEqual([]);
      expect(await outbox().findLocked('person.remove', 'person-1')).toBeNull();
    });

    it('gives a message to one when ten ask at the same moment', async () => {
      await outbox().add(refresh(1));
      const all = await Promise.all(Array.from({ length: 10 }, () => outbox().claim()));
      expect(all.filter((message) => message !== null)).toHaveLength(1);
    });

    it('gives ten messages to ten who ask at the same moment, each once', async () => {
      for (let person = 1; person <= 10; person += 1) await outbox().add(refresh(person));
      const taken: string[] = [];
      const drain = async (): Promise<void> => {
        for (let message = await outbox().claim(); message !== null; message = await outbox().claim())
          taken.push(message.key);
      };
      await Promise.all(Array.from({ length: 5 }, drain));
      expect([...taken].sort()).toEqual(Array.from({ length: 10 }, (_, person) => `person-${person + 1}`).sort());
    });

    it('keeps what is not due yet, unless it is asked for by name', async () => {
      await outbox().add(refresh(1), soon(60_000));
      expect(await outbox().claim()).toBeNull();
      expect(await outbox().claim({ topic: 'person.refresh', key: 'person-2' })).toBeNull();
      expect((await claimed({ topic: 'person.refresh', key: 'person-1' })).key).toBe('person-1');
      expect(await outbox().claim({ topic: 'person.refresh', key: 'person-1' })).toBeNull();
    });

    it('gives what became due as time passed', async () => {
      await outbox().add(refresh(1), soon(60_000));
      subject().clock.advance(61_000);
      expect((await claimed()).key).toBe('person-1');
    });

    it('gives the longest due first', async () => {
      await outbox().add(refresh(2), soon(-1000));
      await outbox().add(refresh(1), soon(-5000));
      expect((await claimed()).key).toBe('person-1');
    });

    it('gives a message again when its claim has run out, and to the former holder no more', async () => {
      await outbox().add(refresh(1));
      const first = await claimed();
      expect(await outbox().claim()).toBeNull();
      subject().clock.advance(31_000);
      const second = await claimed();
      expect(second.id).toBe(first.id);
      await expect(outbox().settle(first)).rejects.toBeInstanceOf(ClaimLost);
      await expect(outbox().postpone(first, soon(1), 'late')).rejects.toBeInstanceOf(ClaimLost);
      await outbox().settle(second);
      await expect(outbox().settle(second)).rejects.toBeInstanceOf(ClaimLost);
    });

    it('takes a message anew: payload and due time replaced, the running claim ended', async () => {
      const wish = (siteIds: readonly number[]) =>
        ({ topic: 'person.withdraw-values', key: 'k', payload: { personId: 1, siteIds } }) as const;
      await outbox().add(wish([1]));
      const first = await claimed();
      await outbox().add(wish([1, 2]));
      await expect(outbox().settle(first)).rejects.toBeInstanceOf(ClaimLost);
      expect(await outbox().waiting()).toHaveLength(1);
      const second = await claimed();
      expect(second.payload).toEqual({ personId: 1, siteIds: [1, 2] });
      expect(second.attempts).toBe(0);
    });

    it('postpones with a reason and counts the attempts', async () => {
      await outbox().add(refresh(1));
      await outbox().postpone(await claimed(), soon(10_000), 'oauth-unreachable');
      const [waiting] = await outbox().waiting();
      expect(waiting).toMatchObject({
        key: 'person-1',
        attempts: 1,
        lastError: 'oauth-unreachable',
        dueAt: soon(10_000),
      });
      expect(await outbox().claim()).toBeNull();
      subject().clock.advance(11_000);
      expect((await claimed()).attempts).toBe(1);
    });

    it('is read page by page in the order of ids, whatever is due, and of one topic where one is named', async () => {
      for (const [person, ms] of [
        [1, 9000],
        [2, 0],
        [3, 5000],
      ] as const)
        await outbox().add(refresh(person), soon(ms));
      await outbox().add({ topic: 'person.say-unsaid', key: 'person-1', payload: { personId: 1 } });
      const all = await outbox().page({ topic: null, after: null, limit: 10 });
      expect(all.map(({ topic, payload }) => [topic, payload])).toEqual([
        ...[1, 2, 3].map((personId) => ['person.refresh', { personId }]),
        ['person.say-unsaid', { personId: 1 }],
      ]);
      const ids = all.map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted((one, other) => one - other));
      const behind = async (topic: 'person.refresh' | null, after: number | undefined, limit: number) =>
        (await outbox().page({ topic, after: after ?? null, limit })).map(({ id }) => id);
      expect(await behind(null, ids[0], 2)).toEqual(ids.slice(1, 3));
      expect(await behind('person.refresh', ids[1], 10)).toEqual(ids.slice(2, 3));
      expect(await outbox().one(ids[2] ?? 0)).toEqual(all[2]);
      expect(await outbox().one(2_147_483_600)).toBeNull();
    });

    it('makes one message or all due at once', async () => {
      await outbox().add(refresh(1), soon(60_000));
      await outbox().add(refresh(2), soon(60_000));
      const second = (await outbox().waiting()).find(({ key }) => key === 'person-2');
      expect(await outbox().retry(second?.id)).toBe(1);
      expect((await claimed()).key).toBe('person-2');
      expect(await outbox().retry()).toBeGreaterThanOrEqual(1);
      expect((await claimed()).key).toBe('person-1');
      expect(await outbox().retry(2_147_483_600)).toBe(0);
    });

    it('forgets what is as it was written, and not what somebody has added to', async () => {
      await outbox().add(refresh(1));
      expect(await outbox().cancelUnchanged(refresh(1))).toBe(true);
      expect(await outbox().cancelUnchanged(refresh(1))).toBe(false);

      const wished = { ...refresh(1), payload: { personId: 1, byUpdate: true } } as const;
      await subject().stores.inOneTransaction(async () => {
        await outbox().addMerged<'person.refresh'>(wished, (earlier) => earlier, 'free');
        const more = { ...refresh(1), payload: { personId: 1, freedBy: [2] } } as const;
        await outbox().addMerged<'person.refresh'>(more, () => more.payload, 'free');
      });
      expect(await outbox().cancelUnchanged(wished)).toBe(false);
      expect(await outbox().findLocked('person.refresh', 'person-1')).toEqual({ personId: 1, freedBy: [2] });
    });

    it('forgets what is no longer wanted, and nothing else', async () => {
      await outbox().add(refresh(1));
      await outbox().add({ topic: 'person.withdraw-values', key: 'person-1', payload: { personId: 1, siteIds: [] } });
      const message = await claimed({ topic: 'person.refresh', key: 'person-1' });
      await outbox().cancel('person.refresh', 'person-1');
      await outbox().cancel('person.refresh', 'person-1');
      expect((await outbox().waiting()).map(({ topic }) => topic)).toEqual(['person.withdraw-values']);
      await expect(outbox().settle(message)).rejects.toBeInstanceOf(ClaimLost);
    });

    it('keeps nothing of a unit that failed, neither wishes nor their end', async () => {
      await outbox().add(refresh(1));
      const message = await claimed();
      const failing = subject().stores.inOneTransaction(async () => {
        await outbox().add(refresh(2));
        await outbox().settle(message);
        throw new Error('undone');
      });
      await expect(failing).rejects.toThrow('undone');
      expect((await outbox().waiting()).map(({ key }) => key)).toEqual(['person-1']);
      await outbox().settle(message);
    });
  });
};
