import { AsyncLocalStorage } from 'node:async_hooks';
import { Sequelize, type TransactionOptions } from 'sequelize';

/** The unit of work that is running around the present call. */
export interface Ambient {
  readonly kind: 'unit' | 'snapshot';
  /** On which it runs; its statements must go over no other. */
  readonly connection: object;
  /** The conflict that has ended the transaction at the database; whoever catches it must not go on as if nothing was. */
  spoiledBy: Error | undefined;
  /** Work that was not awaited must not believe that it still runs inside. */
  ended: boolean;
}
type Context = Map<string, unknown>;

const contexts = new AsyncLocalStorage<Context>();
const units = new AsyncLocalStorage<Ambient>();

/** The four calls that Sequelize 6 makes on a CLS namespace, answered by AsyncLocalStorage: migrations need not hand transactions on. */
Sequelize.useCLS({
  get: (key: string): unknown => contexts.getStore()?.get(key),
  set: (key: string, value: unknown): void => {
    contexts.getStore()?.set(key, value);
  },
  bind: <T>(work: T): T => work,
  run: (work: (context: Context) => unknown): Context => {
    const context: Context = new Map(contexts.getStore());
    contexts.run(context, () => work(context));
    return context;
  },
});

/** What runs around us now, or undefined. */
export const ambient = (): Ambient | undefined => {
  const unit = units.getStore();
  return unit?.ended === true ? undefined : unit;
};

/** Runs work as one database transaction of its own. */
export const inTransaction = async <T>(
  sequelize: Sequelize,
  kind: Ambient['kind'],
  options: TransactionOptions,
  work: () => Promise<T>,
): Promise<T> => {
  let unit: Ambient | undefined;
  try {
    return await sequelize.transaction(options, (transaction) => {
      const running: Ambient = { kind, connection: connectionOf(transaction), spoiledBy: undefined, ended: false };
      unit = running;
      return units.run(running, async () => {
        const result = await work();
        if (running.spoiledBy !== undefined) throw running.spoiledBy;
        return result;
      });
    });
  } finally {
    if (unit !== undefined) unit.ended = true;
  }
};

/** Not in Sequelize's types, but where it runs its own statements. */
const connectionOf = (transaction: object): object => {
  if ('connection' in transaction && typeof transaction.connection === 'object' && transaction.connection !== null)
    return transaction.connection;
  throw new Error('a transaction of Sequelize without a connection');
};
