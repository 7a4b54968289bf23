import type { Fault } from '../../domain/fault.ts';
import { lineFor, linesOfPerson, type Asker } from '../../platform/turns.ts';
import { busyForNow, tooManyForNow } from './counts.ts';

/**
 * Waits until an answer may begin, and says how to tell that it has ended. Faults, for who waited in vain: `too-many-requests` where
 * one's own are in the way, `busy` where others' are.
 */
export type BeginAnswer = (asker: Asker, reader: Reader, size?: AnswerSize) => Promise<() => void>;
export interface AnswerSize {
  /** What is held for it, where that is more than some MB: it counts as so many answers as it has MB. */
  readonly bytes?: number;
  /** Tells of what was done already: it neither waits nor is refused, and is counted among its like. */
  readonly isDone?: boolean;
}
export interface Reader {
  /** Takes next to nothing of it. */
  readonly isSlow: () => boolean;
  /** The answer ends soon after, and is told to have ended. */
  readonly hangUp: () => void;
}

/** Of what was done. */
const maxDone = 100;
/** Of all else. In this process: each may hold a MB or two of what a site filled its rows with. */
const everybody = { key: 'all', most: 600, forNext: 60 } as const satisfies Room;
/** Whoever comes by addresses asks about whatever sites they like: half is left to those who are known. */
const strangers: Room = { key: 'strangers', most: 300, forNext: 30 };
/** Of a person, and of a program, at each site … */
const maxOfCaller = 20;
/** … and at all of them. */
const [maxOfPerson, maxOfProgram] = [linesOfPerson * maxOfCaller, 100];
/** As of what an index leads to: visitors behind one address are many, and each is answered soon. */
const waitingForEach = 5;

interface Bound {
  readonly key: string;
  readonly most: number;
}
interface Room extends Bound {
  /** Beyond that, for lines that have none. */
  readonly forNext: number;
}
interface Asked {
  readonly line: string;
  /** The first is what its caller is known by there. */
  readonly own: readonly [Bound, ...Bound[]];
  readonly rooms: readonly Room[];
}
interface Answer extends Asked {
  readonly reader: Reader;
  /** As how many it counts. */
  readonly weight: number;
}
interface Waiting extends Answer {
  /** Who came before whom. */
  readonly came: number;
  readonly begin: () => void;
}

/**
 * Bounds how many large answers are under way, from before the first byte until the last: each holds rows, which a site may have
 * filled, for as long as nobody takes them. Whoever reads makes room within milliseconds, so the next waits for a moment, whoever has
 * fewest first. A line (a site's visitors, its people, its staff, its programs) begins another while it has less than half as many as
 * are free: 200 where nobody else has any. Of strangers at all sites together are half at most, and the last are for lines that have
 * none, so that a next site always finds some. Where others are in the way, whoever has more and reads next to nothing loses one.
 * What tells of something done always begins, and ends one of its like where these are too many: whoever reads has few of them, and
 * those who do not keep nobody from anything else.
 */
export const openAnswers = (waitMs = 2_000): BeginAnswer => {
  const { counts, open, begun } = openCounts();
  const done = openCounts();
  /** By whatever decides about them, so that of those who wait alike the first is asked about only: who is let in is seen whenever an answer ends. */
  const waiting = new Map<string, Set<Waiting>>();
  const waits = counted();
  let came = 0;

  const hasOwnInTheWay = ({ own, weight }: Answer): boolean =>
    own.some(({ key, most }) => counts.of(key) + weight > most);
  const roomsWithout = ({ line, rooms, weight }: Answer): readonly Room[] =>
    rooms.filter(({ key, most, forNext }) => counts.of(key) + weight > most + (counts.of(line) > 0 ? 0 : forNext));
  const hasItsShare = ({ line, weight }: Answer): boolean => {
    const [own, others] = [counts.of(line), weight - 1];
    return own > 0 && 2 * (own + others) >= everybody.most - counts.of(everybody.key) - others;
  };
  /** Made where it is thrown only: of many who wait this is asked whenever an answer ends, and a fault costs more than all else here. */
  const refusal = (one: Answer): (() => Fault) | null => {
    if (hasOwnInTheWay(one)) return tooManyForNow;
    return hasItsShare(one) || roomsWithout(one).length > 0 ? busyForNow : null;
  };
  const letIn = (): void => {
    for (;;) {
      const firsts = [...waiting.values()].flatMap(([first]) => first ?? []);
      const [first, ...others] = firsts.filter((one) => refusal(one) === null);
      if (first === undefined) return;
      others.reduce<Waiting>((next, one) => (comesBefore(one, next) ? one : next), first).begin();
    }
  };
  const comesBefore = (one: Waiting, other: Waiting): boolean =>
    hasMore(counts, other, one) || (one.came < other.came && !hasMore(counts, one, other));
  const enter = (one: Waiting): void => {
    const alike = alikeOf(one);
    waiting.set(alike, (waiting.get(alike) ?? new Set<Waiting>()).add(one));
    for (const { key } of one.own) waits.add(key, 1);
  };
  const leave = (one: Waiting): void => {
    const alike = waiting.get(alikeOf(one));
    alike?.delete(one);
    if (alike?.size === 0) waiting.delete(alikeOf(one));
    for (const { key } of one.own) waits.add(key, -1);
  };
  const makeRoomFor = (one: Answer): void => {
    if (hasOwnInTheWay(one)) return;
    const full = roomsWithout(one);
    const inTheWay = [...open.keys()].filter(({ rooms }) => full.every((room) => rooms.includes(room)));
    const slow = inTheWay.filter((other) => hasMore(counts, other, one) && other.reader.isSlow());
    ofWhoHasMost(counts, slow)?.reader.hangUp();
  };

  const untilRoom = (answer: Answer): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const one: Waiting = {
        ...answer,
        came: (came += 1),
        begin: () => {
          clearTimeout(timer);
          leave(one);
          resolve(begun(answer, letIn));
        },
      };
      const timer = setTimeout(() => {
        leave(one);
        reject((refusal(one) ?? busyForNow)());
      }, waitMs);
      enter(one);
      makeRoomFor(one);
    });

  return async (asker, reader, { bytes = 0, isDone = false } = {}) => {
    // Whatever its size, its caller can have it when they have nothing else.
    const weight = Math.min(maxOfCaller, Math.max(1, Math.ceil(bytes / 1_000_000)));
    const answer = { ...askedBy(asker), reader, weight };
    if (isDone) return begunAmong(done, answer);
    const why = refusal(answer);
    if (why === null) return begun(answer, letIn);
    if (answer.own.some(({ key, most }) => waits.of(key) >= waitingForEach * most)) throw why();
    return untilRoom(answer);
  };
};

/** One of these is let in or refused as the other; the rooms are their caller's. */
const alikeOf = ({ line, own, weight }: Answer): string => JSON.stringify([line, ...own.map(({ key }) => key), weight]);

const askedBy = (asker: Asker): Asked => {
  const { caller, isVerified = false, servesAll = false } = asker;
  const line = lineFor(asker);
  if (!isVerified)
    return { line, own: [{ key: `caller ${caller}`, most: maxOfCaller }], rooms: [everybody, strangers] };
  const atThisSite = { key: `${caller} ${line}`, most: maxOfCaller };
  const inAll = servesAll
    ? { key: `program ${caller}`, most: maxOfProgram }
    : { key: `caller ${caller}`, most: maxOfPerson };
  return { line, own: [atThisSite, inAll], rooms: [everybody] };
};

/** Ends the first of whoever has most, until there is room. */
const begunAmong = ({ counts, open, begun }: OpenCounts, answer: Answer): (() => void) => {
  while (counts.of(everybody.key) + answer.weight > maxDone) {
    const ended = ofWhoHasMost(counts, [...open.keys()]);
    if (ended === undefined) break;
    open.get(ended)?.();
    ended.reader.hangUp();
  }
  return begun(answer);
};

const hasMore = (counts: Counted, other: Asked, one: Asked): boolean =>
  other.line === one.line
    ? counts.of(other.own[0].key) > counts.of(one.own[0].key)
    : counts.of(other.line) > counts.of(one.line);
/** Of several of theirs the first. */
const ofWhoHasMost = (counts: Counted, [first, ...others]: readonly Answer[]): Answer | undefined =>
  first && others.reduce((most, other) => (hasMore(counts, other, most) ? other : most), first);

interface OpenCounts {
  readonly counts: Counted;
  /** In the order in which they began, with how each ends. */
  readonly open: ReadonlyMap<Answer, () => void>;
  /** Counts an answer until it ends; `ended` is told then, once. */
  readonly begun: (answer: Answer, ended?: () => void) => () => void;
}
const openCounts = (): OpenCounts => {
  const counts = counted();
  const open = new Map<Answer, () => void>();
  const count = ({ line, own, rooms }: Answer, by: number): void => {
    for (const key of [line, ...[...own, ...rooms].map((bound) => bound.key)]) counts.add(key, by);
  };
  return {
    ...{ counts, open },
    begun: (answer, ended) => {
      const end = (): void => {
        if (!open.delete(answer)) return;
        count(answer, -answer.weight);
        ended?.();
      };
      open.set(answer, end);
      count(answer, answer.weight);
      return end;
    },
  };
};

interface Counted {
  of(key: string): number;
  add(key: string, count: number): void;
}
const counted = (): Counted => {
  const counts = new Map<string, number>();
  const of = (key: string): number => counts.get(key) ?? 0;
  return {
    of,
    add: (key, count) => {
      const now = of(key) + count;
      if (now > 0) counts.set(key, now);
      else counts.delete(key);
    },
  };
};
