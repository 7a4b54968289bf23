import { Fault } from '../../src/domain/fault.ts';
import type { Lease } from '../../src/ports/unit-of-work.ts';
import { anId } from '../support/builders.ts';
import { useSubject, type Start } from './subject.ts';

/** Two time limits of 3 s and two seconds: see stores.test.ts and fakes.test.ts. */
const lifeMs = 8000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const describeLeases = (name: string, start: Start): void => {
  describe(`leases of ${name}`, () => {
    const subject = useSubject(start);
    const withLease = <T>(lease: string, work: (lease: Lease) => Promise<T>): Promise<T> =>
      subject().stores.withLease(lease, work);
    const nameIt = (): string => `lease-${anId()}`;
    const assertInUnit = (lease: Lease): Promise<void> => subject().stores.inOneTransaction(() => lease.assertHeld());

    /** A holder that works until it is told to end. */
    const hold = async (lease: string) => {
      let end: (error?: Error) => void = () => undefined;
      const ended = new Promise<void>((resolve, reject) => {
        end = (error) => {
          if (error === undefined) resolve();
          else reject(error);
        };
      });
      let begun: (held: Lease) => void = () => undefined;
      const holding = new Promise<Lease>((resolve) => {
        begun = resolve;
      });
      const work = withLease(lease, async (held) => {
        begun(held);
        await ended;
      });
      work.catch(() => undefined);
      return { held: await holding, end, work };
    };

    it('let one work at a time, whoever else waits', async () => {
      const lease = nameIt();
      let inside = 0;
      let most = 0;
      let done = 0;
      const work = async (held: Lease): Promise<void> => {
        inside += 1;
        most = Math.max(most, inside);
        await pause(5);
        await assertInUnit(held);
        inside -= 1;
        done += 1;
      };
      await Promise.all(Array.from({ length: 8 }, () => withLease(lease, work)));
      expect({ most, done }).toEqual({ most: 1, done: 8 });
    });

    it('of different names do not wait for each other', async () => {
      const first = await hold(nameIt());
      expect(await withLease(nameIt(), async () => 'through')).toBe('through');
      first.end();
      await first.work;
    });

    it('are given back when the work fails, with its own error', async () => {
      const lease = nameIt();
      await expect(withLease(lease, () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
      expect(await withLease(lease, async () => 'next')).toBe('next');
    });

    it('pass to the next when they have run out, and the former holder cannot write', async () => {
      const lease = nameIt();
      const first = await hold(lease);
      await assertInUnit(first.held);
      subject().clock.advance(lifeMs + 1000);
      const second = await hold(lease);
      await expect(assertInUnit(first.held)).rejects.toMatchObject({ code: 'busy' });
      await assertInUnit(second.held);
      // The former holder's end is not the end of the new one's lease.
      first.end();
      await first.work;
      await assertInUnit(second.held);
      let third = false;
      const waiting = withLease(lease, async () => {
        third = true;
      });
      await pause(150);
      expect(third).toBe(false);
      second.end();
      await waiting;
      expect(third).toBe(true);
    });

    it('have their full time again when they are asserted', async () => {
      const lease = nameIt();
      const first = await hold(lease);
      subject().clock.advance(lifeMs - 2000);
      await assertInUnit(first.held);
      subject().clock.advance(lifeMs - 2000);
      await assertInUnit(first.held);
      first.end();
      await first.work;
    });

    it('are not given back early when a write at the OAuth server may still be under way', async () => {
      const lease = nameIt();
      const first = await hold(lease);
      first.end(new Fault('oauth-timeout', { mayHaveHappened: true }));
      await expect(first.work).rejects.toMatchObject({ code: 'oauth-timeout' });
      let second = false;
      const waiting = withLease(lease, async () => {
        second = true;
      });
      await pause(150);
      expect(second).toBe(false);
      subject().clock.advance(lifeMs + 1);
      await waiting;
      expect(second).toBe(true);
    });
  });
};
