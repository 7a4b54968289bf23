import { RunAgain } from '../../src/ports/unit-of-work.ts';
import { useSubject, type Start } from './subject.ts';

/** What every ReplayStore does. */
export const describeReplayStore = (name: string, start: Start): void => {
  describe(`answers kept for repeats: ${name}`, () => {
    const subject = useSubject(start);
    const answer = {
      body: 'b'.repeat(64),
      summary: 'v1.key.sealed, Émile’s “plein”',
    };

    it('are found again in their scope, and in no other', async () => {
      const { replays } = subject().stores;
      await replays.remember('s'.repeat(64), answer);
      expect(await replays.find('s'.repeat(64))).toEqual(answer);
      expect(await replays.find('t'.repeat(64))).toBeNull();
    });

    it('are not written over while they are kept', async () => {
      const { replays } = subject().stores;
      await replays.remember('u', answer);
      await expect(replays.remember('u', { ...answer, body: 'other' })).rejects.toThrow(RunAgain);
      expect(await replays.find('u')).toEqual(answer);
    });

    it('go with the transaction that they are written in', async () => {
      const { replays, inOneTransaction } = subject().stores;
      const failing = inOneTransaction(async () => {
        await replays.remember('v', answer);
        throw new Error('the deed failed');
      });
      await expect(failing).rejects.toThrow('the deed failed');
      expect(await replays.find('v')).toBeNull();
    });

    it('that only say that something is over may be said again', async () => {
      const { replays } = subject().stores;
      await replays.rememberEnding('over');
      await replays.rememberEnding('over');
      expect(await replays.find('over')).toEqual({ body: '', summary: '' });
    });

    it('are kept for 24 hours', async () => {
      const { clock, stores } = subject();
      await stores.replays.remember('w', answer);
      clock.advance(86_400_000 - 1000);
      expect(await stores.replays.find('w')).toEqual(answer);
      clock.advance(2000);
      expect(await stores.replays.find('w')).toBeNull();
      await stores.replays.forgetExpired(clock.now());
      await stores.replays.remember('w', { ...answer, body: 'anew' });
      expect((await stores.replays.find('w'))?.body).toBe('anew');
    });
  });
};
