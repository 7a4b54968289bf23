import type { FloorKind } from './children/floor.ts';
import type { Shot } from './children/drive.ts';
import { effortFor, type Case, type Effort, type Plan, type Reply, type Setting } from './cases/case.ts';
import type { Crowd } from './cases/crowds.ts';
import { makeCast, type Player } from './city/cast.ts';
import type { Shape } from './city/shape.ts';
import type { Floors } from './floors.ts';
import type { Plot } from './ground.ts';
import { reasonOf } from './reason.ts';
import { viewsOf } from './cases/viewing.ts';
import { staffHeader, startStage, type Stage } from './stage.ts';

/** A case, ready to be measured. */
export interface Ready {
  readonly it: Case;
  readonly plan: Plan;
  /** The floors that answer to it. */
  readonly floors: readonly FloorKind[];
  /** The next requests: the same each time, or others where each can be sent only once. */
  readonly next: (count: number) => readonly Shot[];
}
/** A neighbour, and what it asks for. */
export interface ReadyCrowd {
  readonly it: Crowd;
  readonly neighbour: Shot;
  readonly views: readonly Shot[];
}
export interface Prepared {
  readonly stage: Stage;
  readonly ready: readonly Ready[];
  readonly crowds: readonly ReadyCrowd[];
  /** By fixed token, one after the other. */
  readonly views: readonly Shot[];
  /** What was left out, and why. */
  readonly leftOut: readonly { readonly it: Case; readonly why: string }[];
}
interface Order {
  readonly built: string;
  readonly plot: Plot;
  readonly shape: Shape;
  readonly cases: readonly Case[];
  readonly crowds: readonly Crowd[];
  readonly effort: Effort;
  readonly floors: Pick<Floors, 'show'>;
}

/** Makes the people that the cases need, starts the program, and asks each case what it sends. */
export const prepare = async (order: Order): Promise<Prepared> => {
  const { built, plot, shape, cases, crowds, effort, floors } = order;
  const roles = [
    ...cases.map((it) => it.cast?.(shape, effortFor(it, effort)) ?? []),
    ...crowds.map((it) => it.cast?.(shape) ?? []),
  ];
  const { players, people } = await makeCast(plot.database, shape, [...staffRoles, ...roles.flat()]);
  const [admin, moderator, member, ...others] = players;
  if (admin === undefined || moderator === undefined || member === undefined) throw new Error('no staff');
  const stage = await startStage({ built, plot, staff: { admin, moderator, member }, people });
  const settings = roles.map((own) => settingOf(shape, others.splice(0, own.length), stage));
  const ready: Ready[] = [];
  const leftOut: { it: Case; why: string }[] = [];
  for (const [index, it] of cases.entries()) {
    const setting = settings[index] ?? settingOf(shape, [], stage);
    try {
      const plan = await it.plan(setting);
      if (plan === 'not there yet') leftOut.push({ it, why: plan });
      else ready.push({ it, plan, floors: await shown(floors, it, plan, setting), next: dealer(plan) });
    } catch (error) {
      // One case that does not work must not cost the others.
      leftOut.push({ it, why: reasonOf(error) });
    }
  }
  const crowded = crowds.map((it, index): ReadyCrowd => {
    const setting = settings[cases.length + index] ?? settingOf(shape, [], stage);
    return { it, neighbour: it.neighbour(setting), views: viewsOf(setting) };
  });
  return { stage, ready, crowds: crowded, views: viewsOf(settingOf(shape, [], stage)), leftOut };
};

const staffRoles = (['admin', 'moderator', 'member'] as const).map((role) => ({ role, sites: [1] }));

const settingOf = (shape: Shape, players: readonly Player[], { url, session }: Stage): Setting => ({
  shape,
  players,
  as: staffHeader,
  session,
  ask: (shot) => reply(url, shot),
});

export const reply = async (url: string, { method, path, headers, body }: Shot): Promise<Reply> => {
  const response = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: response.status, text: await response.text() };
};

/** The floors are shown the bytes of the API's own answer. */
const shown = async (
  floors: Pick<Floors, 'show'>,
  it: Case,
  plan: Plan,
  { ask }: Setting,
): Promise<readonly FloorKind[]> => {
  const [first] = plan.shots;
  const { floor } = plan;
  if (floor === null || first === undefined) return [];
  const { status, text } = await ask(first);
  if (status !== 200) throw new Error(`${it.name}: ${status} on ${first.path}: ${text.slice(0, 300)}`);
  return floors.show({ name: it.name, body: text, variants: plan.shots.map((_shot, index) => floor(index)) });
};

const dealer = ({ shots, dealing }: Plan): Ready['next'] => {
  if (dealing !== 'once') return () => shots;
  let used = 0;
  return (count) => {
    used += count;
    return shots.slice(used - count, used);
  };
};
