import type { CallOptions, Calls } from './calls.ts';
import { CivitasProblem } from './problem.ts';
import type { AnonymizationChanges, AnonymizationSummary } from './types.gen.ts';

/** Whom it is about. */
export interface UserAddress {
  readonly siteId: string | number;
  readonly userId: string | number;
}
/** What is anonymized; without `everywhere` the rows at this site. */
export interface Extent {
  /** The person's rows at all sites. */
  readonly everywhere?: boolean | undefined;
  /** Of them these rows only … */
  readonly onlyUserIds?: readonly number[] | undefined;
  /** … and those at these sites; an empty list selects nothing. */
  readonly onlySiteIds?: readonly number[] | undefined;
}

export interface Done {
  readonly done: true;
  /** It was done before, under the same key: nothing was done again, and only the summary is told. */
  readonly replayed: boolean;
  readonly summary: AnonymizationSummary;
  /** What became of the person at the OAuth server, and (for platform admins) why they were kept; null: not told. */
  readonly removal: (typeof removals)[number] | null;
  readonly keptBecause: string | null;
  /** Where the receipt is read, by whoever knows it; null: nothing was left to do, or it is not told again. */
  readonly receipt: string | null;
  /** For `client.operation`, which tells how far it is; null as above. */
  readonly operation: string | null;
}
/** Nothing was done: it would not be what was seen. */
export interface PlanChanged {
  readonly done: false;
  readonly current: AnonymizationSummary;
  /** What would be done now: show it, and ask again. */
  readonly plan: Plan;
}

/** What anonymizing would do, as it was seen; `do` does that, or nothing. */
export class Plan {
  readonly summary: AnonymizationSummary;
  readonly #calls: Calls;
  readonly #address: UserAddress;
  readonly #extent: Extent;
  /** One for each reason: whoever asks again after an error has it done once. */
  readonly #keys = new Map<string | undefined, string>();

  constructor(calls: Calls, address: UserAddress, extent: Extent, summary: AnonymizationSummary) {
    this.#calls = calls;
    this.#address = address;
    this.#extent = extent;
    this.summary = summary;
  }

  /** What changes in each row, and what stays and goes: the first hundred of each. As things are now: its `digest` tells whether it still is this plan. */
  changes(options: CallOptions = {}): Promise<AnonymizationChanges> {
    return this.#calls.call(previewOf(this.#extent), {
      ...options,
      path: this.#address,
      query: { view: 'changes' },
      body: bodyOf(this.#extent),
    });
  }

  /**
   * Does exactly this, once, however often it is asked. `reason`: the number of a ticket. Throws CivitasProblem, but not where things
   * have changed since: that is an answer.
   */
  async do({ reason, ...options }: CallOptions & { readonly reason?: string | undefined } = {}): Promise<
    Done | PlanChanged
  > {
    const key = this.#keys.get(reason) ?? randomName();
    this.#keys.set(reason, key);
    try {
      const { data, headers } = await this.#calls.exchange(
        this.#extent.everywhere === true ? 'doAnonymizeAll' : 'doAnonymize',
        {
          ...options,
          path: this.#address,
          query: { view: 'summary' },
          body: { ...bodyOf(this.#extent), ...(reason === undefined ? {} : { reason }) },
          headers: { 'If-Match': `"${this.summary.digest}"`, 'Idempotency-Key': key },
        },
      );
      return doneOf(this.#calls, data, headers);
    } catch (error) {
      if (!(error instanceof CivitasProblem) || error.problem.type !== '/problems/plan-changed') throw error;
      const { current } = error.problem;
      // A whole site has one of another kind.
      if ('persons' in current) throw error;
      return { done: false, current, plan: new Plan(this.#calls, this.#address, this.#extent, current) };
    }
  }
}

/** What anonymizing would do. Throws CivitasProblem. */
export const planOf = async (
  calls: Calls,
  address: UserAddress,
  { signal, timeLimitMs, ...extent }: Extent & CallOptions,
): Promise<Plan> => {
  const summary = await calls.call(previewOf(extent), {
    signal,
    timeLimitMs,
    path: address,
    query: { view: 'summary' },
    body: bodyOf(extent),
  });
  return new Plan(calls, address, extent, summary);
};

const previewOf = ({ everywhere = false }: Extent) => (everywhere ? 'willAnonymizeAllByPost' : 'willAnonymizeByPost');

const bodyOf = ({ onlyUserIds, onlySiteIds }: Extent) => ({
  ...(onlyUserIds === undefined ? {} : { onlyUserIds }),
  ...(onlySiteIds === undefined ? {} : { onlySiteIds }),
});

const doneOf = (calls: Calls, summary: AnonymizationSummary, headers: Headers): Done => {
  const [removal = '', because] = (headers.get('x-oauth-removal') ?? '').split(';reason=');
  const receipt = /<([^<>]+)>; rel="receipt"/.exec(headers.get('link') ?? '')?.[1];
  return {
    done: true,
    replayed: headers.get('idempotency-replayed') === 'true',
    summary,
    removal: removals.find((word) => word === removal) ?? null,
    keptBecause: because ?? null,
    receipt: receipt === undefined ? null : calls.url + receipt,
    operation: headers.get('location')?.split('/').at(-1) ?? null,
  };
};
const removals = ['done', 'pending', 'kept', 'none'] as const;

/** 128 bits, also on pages without https, which have no `randomUUID`. */
export const randomName = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
