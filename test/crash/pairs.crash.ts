import { killAgainAt, leftBy, type Aftermath, type Course } from '../support/crashing/crashes.ts';
import { onAll, openLanes, type Lanes } from '../support/crashing/lanes.ts';
import { difference } from '../support/crashing/picture.ts';
import { progress } from '../support/crashing/progress.ts';

jest.setTimeout(2_400_000);

let lanes: Lanes;
beforeAll(async () => {
  lanes = await openLanes();
});
afterAll(() => lanes.close());

interface Pair extends Aftermath {
  readonly then: number;
  readonly killedAgain: boolean;
}

/** Before the commit nothing waits for the next program, and every-step.crash.ts says all. */
const commitOf = ({ known }: Course): number => known.steps.findIndex((step) => step.startsWith('database: COMMIT'));

const firstsOf = (course: Course): number => course.known.steps.length - commitOf(course);

/** Each step from the commit on, and after it each step of the program that is started next, until that one comes to its end. */
const everyPair = async (courses: readonly Course[]): Promise<readonly Pair[]> => {
  const pairs: Pair[] = [];
  const firsts = firstsOf(courses[0]!);
  let done = 0;
  const told = progress(() => `${pairs.length} pairs: ${done} of ${firsts} first kills with all second ones`);
  await onAll(courses, firsts, async (course, number) => {
    const first = await leftBy(course, commitOf(course) + number);
    for (let then = 1; ; then += 1) {
      const seen = await killAgainAt(course, first, then);
      pairs.push({ ...seen, then });
      told.tick();
      if (!seen.killedAgain) break;
    }
    done += 1;
  });
  return pairs;
};

describe('do-anonymizeall, killed, and killed again while it recovers', () => {
  let courses: readonly Course[];
  let pairs: readonly Pair[];
  beforeAll(async () => {
    courses = await lanes.prepare('do-anonymizeall');
    pairs = await everyPair(courses);
  });
  const placeOf = ({ step, then }: Pair): string =>
    `${step} (${courses[0]?.known.steps[step - 1] ?? ''}), then ${then}`;

  it('was killed at each step from the commit on, and killed again', () => {
    const firsts = new Set(pairs.filter(({ killed }) => killed).map(({ step }) => step));
    expect(firsts.size).toBe(firstsOf(courses[0]!));
    expect(pairs.filter(({ killedAgain }) => killedAgain).length).toBeGreaterThan(firsts.size);
  });

  it('is wholly done or wholly undone once a third program has come to rest', () => {
    const half = pairs.filter(({ state }) => typeof state !== 'string');
    expect(
      half.map((one) => ({
        place: placeOf(one),
        found: typeof one.state === 'string' ? one.state : difference(one.state, courses[0]!.known.done),
      })),
    ).toEqual([]);
  });

  it('writes to the OAuth server at most twice more than without a kill', () => {
    const most = courses[0]!.known.writes + 2;
    expect(pairs.filter(({ writes }) => writes > most).map(placeOf)).toEqual([]);
  });

  it('is done when the caller asks again', () => {
    expect(pairs.filter(({ again }) => again.state !== 'done').map(placeOf)).toEqual([]);
  });
});
