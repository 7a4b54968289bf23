import { createContainer, type Container } from '../../src/container.ts';
import { loadConfig } from '../../src/config/index.ts';
import { operator } from '../../src/domain/actor.ts';
import { isFault } from '../../src/domain/fault.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';

/** people.md §1 "Bounds": a hundred lists of platform admins at a time, also where several instances plan at once. */
let world: RecordedWorld;
let second: Container;
beforeAll(async () => {
  world = await startRecordedWorld({ LOG_LEVEL: 'silent' }, { outboxSeconds: 3600 });
  second = createContainer(loadConfig({ env: world.env }));
});
afterAll(async () => {
  await second.close();
  await world.close();
});

const planAt = async ({ useCases }: Container): Promise<string> => {
  const command = { actor: operator('jan'), choice: { by: 'id', userIds: [111] }, everywhere: false } as const;
  try {
    return (await useCases.planRun(command)).status.run.name;
  } catch (error) {
    if (isFault(error, 'conflict')) return error.facts.rule;
    throw error;
  }
};

it('two instances that plan at once write down no list too many', async () => {
  const { ports, useCases } = world.container;
  for (let made = 0; made < 99; made += 1) await planAt(world.container);
  for (let round = 0; round < 8; round += 1) {
    const planned = await Promise.all([world.container, second, world.container, second].map(planAt));
    expect([await ports.runs.countOpen('all'), planned.filter((one) => one === 'too-many-runs')]).toEqual([
      100,
      ['too-many-runs', 'too-many-runs', 'too-many-runs'],
    ]);
    const name = planned.find((one) => one !== 'too-many-runs') ?? '';
    await useCases.cancelRun({ actor: operator('jan'), name });
  }
});
