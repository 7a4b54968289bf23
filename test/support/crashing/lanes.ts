import { undisturbed, type Course, type Lane } from './crashes.ts';
import type { Inhabitant } from './small-world.ts';
import { packVictim } from './packed.ts';
import { buildStage } from './stage.ts';
import { crashStories, everywhere, onlyHere, onlyThere, type StoryName } from './stories.ts';
import { victimsFrom } from './victims.ts';

export interface Lanes {
  readonly lanes: readonly Lane[];
  /** Runs the use case undisturbed on each lane. */
  prepare(name: StoryName): Promise<readonly Course[]>;
  close(): Promise<void>;
}

/** Two at a time, as a small machine has two cores. In each world live everybody of the use cases, and `more`. */
export const openLanes = async (more: readonly Inhabitant[] = []): Promise<Lanes> => {
  const packed = await packVictim();
  const open = async (): Promise<Lane> => ({
    stage: await buildStage([everywhere, onlyHere, ...more], [onlyThere]),
    victims: victimsFrom(packed),
  });
  const lanes = [await open(), await open()] as const;
  const [{ stage, victims }] = lanes;
  for (let rehearsal = 1; rehearsal <= 2; rehearsal += 1)
    await victims.rehearse(await stage.reset(), crashStories['do-anonymizeall'](stage.settled));
  return {
    lanes,
    prepare: (name) =>
      Promise.all(
        lanes.map(async (lane) => {
          const request = crashStories[name](lane.stage.settled);
          return { ...lane, request, known: await undisturbed(lane, request) };
        }),
      ),
    close: async () => {
      for (const lane of lanes) {
        await lane.victims.close();
        await lane.stage.close();
      }
      await packed.remove();
    },
  };
};

/** The lanes take the numbers from 1 to the last one between them. */
export const onAll = async <L extends Lane>(
  lanes: readonly L[],
  last: number,
  work: (lane: L, number: number) => Promise<void>,
): Promise<void> => {
  let taken = 0;
  await Promise.all(
    lanes.map(async (lane) => {
      while (taken < last) await work(lane, (taken += 1));
    }),
  );
};
