import { AsyncLocalStorage } from 'node:async_hooks';

/** For whom something is done, where many want the same thing: sites take turns, and at each its callers. */
export interface Asker {
  /** As the address of the request names it; '' where it names none. */
  readonly site: string;
  /** A user or client who was verified, else an address. */
  readonly caller: string;
  /** Who comes again by themselves waits no longer than this for what somebody else holds. */
  readonly patienceMs?: number;
}
/** Jobs and commands: what no request asked for. */
const ourselves: Asker = { site: 'ourselves', caller: 'ourselves' };

const asking = new AsyncLocalStorage<Asker & { caller: string }>();

/** Runs work for somebody, and whatever it begins. */
export const onBehalfOf = <T>(asker: Asker, work: () => Promise<T>): Promise<T> => asking.run({ ...asker }, work);

/** For whom the present call is. */
export const askerNow = (): Asker => asking.getStore() ?? ourselves;

/** Whoever asks was verified: from here on they are known by this, and not by their address any more. */
export const nameCaller = (caller: string): void => {
  const asker = asking.getStore();
  if (asker !== undefined) asker.caller = caller;
};
