import { AsyncLocalStorage } from 'node:async_hooks';

export interface TurnSettings {
  /** How many have a turn at a time. */
  readonly places: number;
  /** How many of one caller have a turn at a time, at whatever site; as many as there are unless said. */
  readonly ofEach?: number;
  /** How many of one site, strangers, people, staff and programs together; as many as there are unless said. */
  readonly ofSite?: number;
  /**
   * How many of one caller may wait (of a person, and of a program, at each site); and at one site of strangers, of its people, of its
   * staff, of programs.
   */
  readonly maxOfCaller: number;
  readonly maxOfSite: number;
  /** How many of one caller may wait however long it takes; they are counted by themselves. */
  readonly maxPatient?: number;
}
export interface Turns {
  /**
   * Waits for a turn, and answers how to give it back. Rejects with NoTurn after so long (null: however long it takes), where too many
   * wait already, and where whoever has fewer waiting came to a line that was full.
   */
  readonly take: (asker: Asker, timeoutMs: number | null) => Promise<GiveBack>;
  /** A turn that is free, that nobody waits for, and that is not one too many of this caller or site; null: none. */
  readonly spare: (asker: Asker) => GiveBack | null;
}
type GiveBack = () => void;

/** Whose work is in the way: the caller's own, or others'. */
export class NoTurn extends Error {
  readonly isOwn: boolean;
  constructor(isOwn: boolean) {
    super('no turn');
    this.name = 'NoTurn';
    this.isOwn = isOwn;
  }
}

interface Waiting {
  readonly asker: Asker;
  readonly line: string;
  readonly isPatient: boolean;
  readonly grant: (giveBack: GiveBack) => void;
  readonly refuse: (why: NoTurn) => void;
}

/** In how many lines an address may stand, a person who has logged in at more sites, and a program that serves whatever site. */
export const linesOfPerson = 4;
const [linesOfAddress, linesOfProgram] = [4, 10] as const;
const isOfStrangers = (line: string): boolean => line.startsWith('at ');

/**
 * Those who were verified at a site stand in one line, its staff in another, strangers who ask about it in a third, and in a fourth the
 * programs that serve it, so that none of them keeps the others out.
 */
export const lineFor = ({ site, isVerified = false, servesAll = false, isStaff = false }: Asker): string => {
  if (servesAll) return `for ${site}`;
  if (isStaff) return `staff ${site}`;
  return isVerified ? `of ${site}` : `at ${site}`;
};

/**
 * What only a few may do at a time: of those who wait each site in turn, and of a site each caller, so that nobody stands before
 * others with a hundred of their own, nor with a hundred accounts at their own site.
 */
export const turns = ({
  places,
  ofEach = Infinity,
  ofSite = Infinity,
  maxOfCaller,
  maxOfSite,
  maxPatient = maxOfCaller,
}: TurnSettings): Turns => {
  let taken = 0;
  const [running, runningAt] = [countsByName(), countsByName()];
  const hasEnough = ({ site, caller }: Asker): boolean => running.of(caller) >= ofEach || runningAt.of(site) >= ofSite;
  /** Whose turn comes first first, at both levels. */
  const lines = new Map<string, Map<string, readonly Waiting[]>>();

  /**
   * A stranger asks about whatever site they like, a person logs in at any, and a program serves all: they stand in some lines at most,
   * else they were in that of every site. In some, as many may share an address or a token: who comes to a quiet site does not wait
   * behind what its neighbours want of a crowded one. Nor behind what another site does with the session that it was given.
   */
  const lineOf = (asker: Asker): string => {
    const { caller, isVerified = false, servesAll = false } = asker;
    const asked = lineFor(asker);
    const [kind = ''] = asked.split(' ', 1);
    const there = [...lines].flatMap(([line, callers]) => {
      const own = callers.get(caller)?.length ?? 0;
      return line.startsWith(`${kind} `) && own > 0 ? [{ line, own }] : [];
    });
    const ofPeople = isVerified ? linesOfPerson : linesOfAddress;
    const most = servesAll ? linesOfProgram : ofPeople;
    if (there.length < most || there.some(({ line }) => line === asked)) return asked;
    return there.reduce((fewest, one) => (one.own < fewest.own ? one : fewest)).line;
  };

  const hold = ({ site, caller }: Asker): GiveBack => {
    taken += 1;
    running.add(caller, 1);
    runningAt.add(site, 1);
    return () => {
      taken -= 1;
      running.add(caller, -1);
      runningAt.add(site, -1);
      letIn();
    };
  };

  const next = (): Waiting | undefined => {
    for (const [line, callers] of lines)
      for (const [caller, [first, ...others]] of callers) {
        if (first === undefined || hasEnough(first.asker)) continue;
        // Behind everybody who waits, until it is their turn again.
        callers.delete(caller);
        if (others.length > 0) callers.set(caller, others);
        lines.delete(line);
        if (callers.size > 0) lines.set(line, callers);
        return first;
      }
    return undefined;
  };

  const letIn = (): void => {
    while (taken < places) {
      const waiting = next();
      if (waiting === undefined) return;
      waiting.grant(hold(waiting.asker));
    }
  };

  const enter = (waiting: Waiting): void => {
    const { line, asker } = waiting;
    const callers = lines.get(line) ?? new Map<string, readonly Waiting[]>();
    callers.set(asker.caller, [...(callers.get(asker.caller) ?? []), waiting]);
    lines.set(line, callers);
  };

  const leave = (waiting: Waiting): void => {
    const { line, asker } = waiting;
    const { caller } = asker;
    const callers = lines.get(line);
    const left = (callers?.get(caller) ?? []).filter((other) => other !== waiting);
    if (left.length > 0) callers?.set(caller, left);
    else callers?.delete(caller);
    if (callers?.size === 0) lines.delete(line);
  };

  const mustHaveRoom = (line: string, { caller }: Asker, isPatient: boolean): void => {
    const alike = (queue: readonly Waiting[]): number => queue.filter((one) => one.isPatient === isPatient).length;
    const own = [...lines].filter(([name]) => name === line || (isOfStrangers(name) && isOfStrangers(line)));
    const ofCaller = own.reduce((sum, [, callers]) => sum + alike(callers.get(caller) ?? []), 0);
    if (ofCaller >= (isPatient ? maxPatient : maxOfCaller)) throw new NoTurn(true);
    if (!isPatient) mustHaveRoomInLine(line, caller);
  };

  /** A full line has room for whoever has less waiting there than somebody else, who loses what they asked for last. */
  const mustHaveRoomInLine = (line: string, caller: string): void => {
    const impatient = [...(lines.get(line) ?? [])].map(
      ([name, queue]) => [name, queue.filter(({ isPatient }) => !isPatient)] as const,
    );
    const inAll = impatient.reduce((sum, [, queue]) => sum + queue.length, 0);
    if (inAll < maxOfSite) return;
    const own = impatient.find(([name]) => name === caller)?.[1].length ?? 0;
    const longest = impatient.reduce<readonly Waiting[]>(
      (most, [, queue]) => (queue.length > most.length ? queue : most),
      [],
    );
    const last = longest.at(-1);
    if (last === undefined || longest.length <= own + 1) throw new NoTurn(false);
    leave(last);
    last.refuse(new NoTurn(true));
  };

  const take = async (now: Asker, timeoutMs: number | null): Promise<GiveBack> => {
    // As it is at this moment: who asks is named while their request goes on.
    const asker = { ...now };
    const line = lineOf(asker);
    mustHaveRoom(line, asker, timeoutMs === null);
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        leave(waiting);
        reject(new NoTurn(running.of(asker.caller) >= ofEach));
      };
      const timer = timeoutMs === null ? undefined : setTimeout(giveUp, timeoutMs);
      const waiting: Waiting = {
        ...{ asker, line },
        isPatient: timeoutMs === null,
        grant: (giveBack) => {
          clearTimeout(timer);
          resolve(giveBack);
        },
        refuse: (why) => {
          clearTimeout(timer);
          reject(why);
        },
      };
      enter(waiting);
      letIn();
    });
  };

  return {
    take,
    spare: ({ site, caller }) =>
      taken < places && lines.size === 0 && !hasEnough({ site, caller }) ? hold({ site, caller }) : null,
  };
};

/** Whoever has none is not kept. */
const countsByName = () => {
  const counts = new Map<string, number>();
  const of = (name: string): number => counts.get(name) ?? 0;
  return {
    of,
    add: (name: string, some: number): void => {
      const now = of(name) + some;
      if (now > 0) counts.set(name, now);
      else counts.delete(name);
    },
  };
};

/** For whom something is done, where many want the same thing: sites take turns, and at each its callers. */
export interface Asker {
  /** That a session is good for, a client's own, else of the address; '' where it names none, or one that is not there. */
  readonly site: string;
  /** A person, a member of staff or a client who was verified, else an address. */
  readonly caller: string;
  readonly isVerified?: boolean;
  /** Moderator or above at their site, of which they are named by their row: what others do in their person's name elsewhere is not theirs. */
  readonly isStaff?: boolean;
  /** A program of the platform (a fixed token): it belongs to no site, and serves each that it asks about. */
  readonly servesAll?: boolean;
  /** Who comes again by themselves waits no longer than this for what somebody else holds. */
  readonly patienceMs?: number;
}
/** Jobs and commands: what no request asked for. */
export const isOurs = ({ site }: Asker): boolean => site === 'ourselves';
const ourselves: Asker = { site: 'ourselves', caller: 'ourselves', isVerified: true };

type Naming = { -readonly [Part in keyof Asker]: Asker[Part] };
const asking = new AsyncLocalStorage<Naming>();

/** Runs work for somebody, and whatever it begins. */
export const onBehalfOf = <T>(asker: Asker, work: () => Promise<T>): Promise<T> => asking.run({ ...asker }, work);

/** For whom the present call is. */
export const askerNow = (): Asker => asking.getStore() ?? ourselves;

/** Whoever asks was verified: from here on they are known by this, and not by their address any more. */
export const nameCaller = (
  caller: string,
  { servesAll = false, isStaff = false }: Pick<Asker, 'servesAll' | 'isStaff'> = {},
): void => {
  const asker = asking.getStore();
  if (asker !== undefined) Object.assign(asker, { caller, servesAll, isStaff, isVerified: true });
};

/** Who belongs to no site stands in the line of the one that they ask about, once it is found. */
export const nameSiteAsked = (site: string): void => {
  const asker = asking.getStore();
  if (asker?.site === '') asker.site = site;
};

/** Whoever belongs to a site stands in its line, whichever site they ask about. */
export const nameSite = (site: string): void => {
  const asker = asking.getStore();
  if (asker !== undefined) asker.site = site;
};
