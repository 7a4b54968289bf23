import type { ToldMessage } from '../../use-cases/outbox/waiting.ts';
import { removeLeftBehind } from '../../use-cases/person-sync/remove-left-behind.ts';
import type { Ending } from '../endings.ts';
import { jsonText, mustAgree, mustBeAbleToAsk, type Agreement, type Io } from '../io.ts';
import { operatorHere } from '../operator.ts';
import { progressAt } from '../progress.ts';
import { tableText } from '../table.ts';
import { withContainer } from '../with-container.ts';

/** All of it, page by page. */
export const listOutbox = (io: Io): Promise<Ending> =>
  withContainer(async ({ useCases }) => {
    const waiting: ToldMessage[] = [];
    for (let cursor: string | null = null, isLast = false; !isLast; isLast = cursor === null) {
      const page = await useCases.listOutbox({ actor: operatorHere(), topic: null, cursor, pageSize: 500 });
      waiting.push(...page.messages);
      ({ cursor } = page);
    }
    if (io.json) await io.print(jsonText(waiting));
    else if (waiting.length === 0) await io.print('Nothing is waiting.\n');
    else await io.print(tableText(io.out, columns, waiting.map(cellsOf)));
    return 'done';
  });

const columns = ['id', 'topic', 'person', 'sites', 'attempts', 'due', 'waiting since', 'last error'];
const cellsOf = ({ id, topic, personId, siteIds, attempts, dueAt, since, lastError }: ToldMessage) => [
  ...[String(id), topic, personId === null ? null : String(personId), siteIds.join(',')],
  ...[attempts, dueAt, since, lastError],
];

/** One, or one after the other; a signal ends it behind the one that is under way. */
export const retryOutbox = (io: Io, wanted: number | undefined): Promise<Ending> =>
  withContainer(async ({ ports, useCases }) => {
    const progress = progressAt(io);
    const { signal, finishing, onEnd } = io.interrupts;
    onEnd('Stopped. What was made due is delivered by any instance that runs; what was delivered stays so.');
    const actor = operatorHere();
    const { due, delivered } = await finishing(async () => {
      if (wanted !== undefined) {
        const { message } = await useCases.retryMessage({ actor, messageId: wanted, isPatient: true });
        return { due: 1, delivered: message === null ? 1 : 0 };
      }
      return useCases.retryOutbox({
        actor,
        isStopped: () => signal.aborted,
        tell: (tried, of) => {
          progress.tell({ work: 'delivering', done: tried, of: Math.max(of, tried) });
        },
      });
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
