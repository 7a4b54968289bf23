import { isWrite, killAt, type Aftermath, type Course } from '../support/crashing/crashes.ts';
import { onAll, openLanes, type Lanes } from '../support/crashing/lanes.ts';
import { difference } from '../support/crashing/picture.ts';
import { progress } from '../support/crashing/progress.ts';
import { storyNames, type StoryName } from '../support/crashing/stories.ts';

jest.setTimeout(600_000);

let lanes: Lanes;
beforeAll(async () => {
  lanes = await openLanes();
});
afterAll(() => lanes.close());

const everyStep = async (name: StoryName, courses: readonly Course[]): Promise<readonly Aftermath[]> => {
  const found: Aftermath[] = [];
  const last = courses[0]!.known.steps.length;
  const told = progress(() => `${name}: ${found.length} of ${last} steps`);
  await onAll(courses, last, async (course, step) => {
    found.push(await killAt(course, step));
    told.tick();
  });
  return found.sort((one, other) => one.step - other.step);
};

describe.each(storyNames)('%s, killed at any of its steps', (name) => {
  let undisturbed: Course['known'];
  let all: readonly Aftermath[];
  beforeAll(async () => {
    const courses = await lanes.prepare(name);
    undisturbed = courses[0]!.known;
    all = await everyStep(name, courses);
  });
  const stepOf = ({ step }: Aftermath): string => `${step} (${undisturbed.steps[step - 1] ?? ''})`;
  const unlikeDone = (state: Aftermath['state']): unknown =>
    typeof state === 'string' ? state : difference(state, undisturbed.done);

  it('has steps at the database and at the OAuth server, all of them killed at', () => {
    expect(undisturbed.answer?.status).toBe(name.startsWith('create') ? 201 : 200);
    expect(undisturbed.steps.filter((step) => step.startsWith('database: COMMIT'))).not.toEqual([]);
    expect(undisturbed.steps.filter(isWrite)).not.toEqual([]);
    expect(undisturbed.steps.filter((step) => step.startsWith('after POST'))).not.toEqual([]);
    expect(all.map(({ step }) => step)).toEqual(undisturbed.steps.map((_, at) => at + 1));
    expect(all.filter(({ killed }) => !killed).map((one) => `${stepOf(one)}: answered ${one.status ?? ''}`)).toEqual(
      [],
    );
  });

  it('is wholly done or wholly undone once a new program has come to rest', () => {
    const half = all.filter(({ state }) => typeof state !== 'string');
    expect(half.map((one) => ({ step: stepOf(one), found: unlikeDone(one.state) }))).toEqual([]);
  });

  it('is done from one step on, and undone before it', () => {
    const states = all.map(({ state }) => (state === 'done' ? 'done' : 'undone'));
    expect(states).toEqual([...states].sort().reverse());
    expect(new Set(states)).toEqual(new Set(['undone', 'done']));
  });

  it('is done for whoever got an answer', () => {
    const answered = all.filter(({ status }) => status !== null);
    expect(answered.filter(({ status, state }) => status! >= 300 || state !== 'done').map(stepOf)).toEqual([]);
  });

  it('writes to the OAuth server at most once more than without a kill, and not at all when undone', () => {
    const most = ({ state }: Aftermath): number => (state === 'untouched' ? 0 : undisturbed.writes + 1);
    expect(all.filter((one) => one.writes > most(one)).map(stepOf)).toEqual([]);
  });

  it('is done when the caller asks again', () => {
    const undone = all.filter(({ again }) => again.state !== 'done' || ![200, 201, 404, 409].includes(again.status));
    expect(
      undone.map((one) => ({ step: stepOf(one), status: one.again.status, found: unlikeDone(one.again.state) })),
    ).toEqual([]);
  });
});
