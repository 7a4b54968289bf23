import DataLoader from 'dataloader';
import { ambient } from './ambient.ts';

const maxAtOnce = 64;

/**
 * Makes one statement of what several requests ask at the same moment (one turn of the event loop): under load a statement, a
 * round trip and its system calls serve many. Nothing is remembered: whoever asks is answered by a statement that is sent
 * afterwards. Inside a unit of work a question is asked by itself, over the unit's own connection. `askAll` answers in the order
 * of its questions.
 */
export const batched = <Q, A>(
  askAll: (questions: readonly Q[]) => Promise<readonly A[]>,
): ((question: Q) => Promise<A>) => {
  const loader = new DataLoader<Q, A>(askAll, {
    cache: false,
    maxBatchSize: maxAtOnce,
    batchScheduleFn: (ask) => setImmediate(ask),
  });
  return async (question) => {
    if (ambient() === undefined) return loader.load(question);
    const [answer] = await askAll([question]);
    return answer as A;
  };
};
