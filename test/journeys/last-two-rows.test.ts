import { addRow, type MarkedRow } from '../support/marked-person.ts';
import { startProgram, type Program } from '../support/program.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';

let world: RecordedWorld;
let programs: readonly [Program, Program];
beforeAll(async () => {
  world = await startRecordedWorld();
  programs = await Promise.all([startProgram({ env: world.env }), startProgram({ env: world.env })]);
});
afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  await world.close();
});

interface Pair {
  readonly externalId: number;
  readonly rows: readonly [MarkedRow, MarkedRow];
}
/** Recorded people with two rows, and people with one who get a second. */
const recorded: readonly (readonly [externalId: number, id: number, otherId: number, otherSiteId: number])[] = [
  [1002, 102, 103, 2],
  [1003, 104, 105, 3],
  [1005, 109, 110, 5],
  [1009, 118, 119, 3],
  [1014, 130, 131, 2],
  [5004, 50041, 50042, 2],
];
const alone = [101, 114, 124, 129, 138, 139, 5001, 5002, 5003];

const pairs = async (): Promise<readonly Pair[]> => {
  const ready = recorded.map(([externalId, id, otherId, otherSiteId]): Pair => ({
    externalId,
    rows: [
      { id, siteId: 1 },
      { id: otherId, siteId: otherSiteId },
    ],
  }));
  const made: Pair[] = [];
  for (const id of alone) {
    const first = { id, siteId: 1 };
    const second = await addRow(world, { from: first, siteId: 6 });
    const { body } = await world.call('admin', 'GET', `/api/site/1/user/${id}`);
    made.push({ externalId: body.externalUserId, rows: [first, second] });
  }
  return [...ready, ...made];
};

const anonymize = (program: Program, { siteId, id }: MarkedRow) =>
  world.at(program.url)('admin', 'PUT', `/api/site/${siteId}/user/${id}/do-anonymize`);

/** Until nothing waits any more, whoever delivers it. */
const settled = async (): Promise<void> => {
  while ((await world.container.ports.outbox.waiting()).length > 0) {
    await world.container.ports.outbox.retry();
    await world.container.deliver();
  }
};

describe('the last two rows of a person, anonymized at the same moment by two processes', () => {
  it('leave nobody at the OAuth server, and each person is removed once', async () => {
    const people = await pairs();
    const deletions = ({ externalId }: Pair): number =>
      world.oauth.proxy.calls(new RegExp(`^POST /api/admin/user/${externalId}/delete$`));

    const answers = await Promise.all(
      people.map(async ({ rows }, index) => {
        const [one, other] = index % 2 === 0 ? programs : [programs[1], programs[0]];
        return Promise.all([anonymize(one, rows[0]), anonymize(other, rows[1])]);
      }),
    );
    await settled();

    expect(answers.flat().map(({ status }) => status)).toEqual(people.flatMap(() => [200, 200]));
    for (const [one, other] of answers)
      expect(
        [one, other]
          .map(({ headers }) => headers.get('x-oauth-removal'))
          .sort()
          .join(),
      ).toMatch(/^(done,kept;reason=rows-elsewhere|kept;reason=rows-elsewhere,pending)$/);
    const ids = new Set(world.oauth.server.people().map(({ id }) => id));
    expect(people.filter(({ externalId }) => ids.has(externalId))).toEqual([]);
    // A call whose end a busy machine did not get to write down is made once more, and the log says so.
    const logs = [world.log(), ...programs.map((program) => program.output())].join('');
    const repeated = people.map(deletions).filter((calls) => calls !== 1);
    expect(repeated.every((calls) => calls > 1)).toBe(true);
    expect(repeated.length).toBeLessThanOrEqual(logs.split('not delivered yet').length - 1);
    for (const { rows } of people)
      for (const { id, siteId } of rows) {
        const { body } = await world.call('admin', 'GET', `/api/site/${siteId}/user/${id}`);
        expect([body.lastName, body.externalUserId, body.email]).toEqual(['verwijderd', null, null]);
      }
  });
});
