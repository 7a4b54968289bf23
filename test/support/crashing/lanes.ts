import { compileProgram } from './compiled.ts';
import { undisturbed, type Undisturbed } from './crashes.ts';
import type { Request } from './instance.ts';
import { buildStage, type Stage } from './stage.ts';
import { crashStories, everywhere, onlyHere, onlyThere, type StoryName } from './stories.ts';
import { victimsFrom, type Victims } from './victims.ts';

/** A world of its own, and programs that die on it. */
export interface Lane {
  readonly stage: Stage;
  readonly victims: Victims;
}
/** A lane and a story on it, of which is known how it goes without any kill. */
export interface Course extends Lane {
  readonly request: Request;
  readonly known: Undisturbed;
}
export interface Lanes {
  /** Runs the story undisturbed on each lane. */
  prepare(name: StoryName): Promise<readonly Course[]>;
  close(): Promise<void>;
}

/** Two at a time, as a small machine has two cores. */
export const openLanes = async (): Promise<Lanes> => {
  const compiled = await compileProgram();
  const open = async (): Promise<Lane> => ({
    stage: await buildStage([everywhere, onlyHere], [onlyThere]),
    victims: victimsFrom(compiled.folder),
  });
  const lanes = [await open(), await open()];
  return {
    prepare: (name) =>
      Promise.all(
        lanes.map(async (lane) => {
          const request = crashStories[name](lane.stage.settled);
          return { ...lane, request, known: await undisturbed(lane.stage, lane.victims, request) };
        }),
      ),
    close: async () => {
      for (const { stage, victims } of lanes) {
        await victims.close();
        await stage.close();
      }
      await compiled.remove();
    },
  };
};

/** The courses take the numbers from 1 on between them, until one of them says that it was the last. */
export const onAll = async (
  courses: readonly Course[],
  work: (course: Course, number: number) => Promise<'go on' | 'over'>,
): Promise<void> => {
  let taken = 0;
  let isOver = false;
  await Promise.all(
    courses.map(async (course) => {
      while (!isOver) if ((await work(course, (taken += 1))) === 'over') isOver = true;
    }),
  );
};
