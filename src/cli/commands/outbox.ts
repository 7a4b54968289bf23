import { removeLeftBehind } from '../../use-cases/person-sync/remove-left-behind.ts';
import { CommandFailed, type Ending } from '../endings.ts';
import { jsonText, mustAgree, mustBeAbleToAsk, type Agreement, type Io } from '../io.ts';
import { progressAt } from '../progress.ts';
import { tableText } from '../table.ts';
import { withContainer } from '../with-container.ts';

export const listOutbox = (io: Io): Promise<Ending> =>
  withContainer(async ({ ports }) => {
    const waiting = await ports.outbox.waiting();
    if (io.json) await io.print(jsonText(waiting));
    else if (waiting.length === 0) await io.print('Nothing is waiting.\n');
    else {
      const rows = waiting.map(({ id, topic, key, attempts, dueAt, createdAt, lastError }) => {
        return [String(id), topic, key, attempts, dueAt, createdAt, lastError];
      });
      await io.print(tableText(io.out, ['id', 'topic', 'key', 'attempts', 'due', 'waiting since', 'last error'], rows));
    }
    return 'done';
  });

/** One after the other; a signal ends it behind the one that is under way. */
export const retryOutbox = (io: Io, wanted: number | undefined): Promise<Ending> =>
  withContainer(async ({ ports, deliver }) => {
    const progress = progressAt(io);
    const { signal, finishing, onEnd } = io.interrupts;
    onEnd('Stopped. What was made due is delivered by any instance that runs; what was delivered stays so.');
    const { due, delivered } = await finishing(async () => {
      const made = await ports.outbox.retry(wanted);
      if (made === 0 && wanted !== undefined) throw new CommandFailed(`No message ${wanted} is waiting.`);
      const count = { tried: 0, delivered: 0 };
      while (!signal.aborted) {
        progress.tell({ work: 'delivering', done: count.tried, of: Math.max(made, count.tried) });
        const outcome = await deliver();
        if (outcome === null) break;
        count.tried += 1;
        if (outcome !== 'pending') count.delivered += 1;
      }
      return { due: made, delivered: count.delivered };
    });
    progress.end();
    const waiting = (await ports.outbox.waiting()).length;
    await io.print(
      io.json
        ? jsonText({ due, delivered, waiting })
        : `${due} made due, ${delivered} delivered, ${waiting} still waiting.\n`,
    );
    return waiting === 0 ? 'done' : 'waiting';
  });

/** Whom drift lists as left behind. */
export const removePerson = (io: Io, personId: number, agreement: Agreement): Promise<Ending> => {
  mustBeAbleToAsk(io, agreement);
  return withContainer(async ({ ports, deliver }) => {
    await mustAgree(io, `Remove person ${personId} at their OAuth server? There is no way back.`, agreement);
    const outcome = await io.interrupts.finishing(() => removeLeftBehind(ports, deliver)(personId));
    const said = outcome ?? 'somebody else is at it';
    await io.print(io.json ? jsonText({ personId, outcome }) : `${said}\n`);
    return outcome === null || outcome === 'pending' ? 'waiting' : 'done';
  });
};
