/** What a client keeps of a person, for itself; goes with the person. Source: management-api.md §2. */
export interface PersonFacts {
  readonly isExpert: boolean;
  readonly isSelected: boolean;
  readonly points: number;
  readonly score: number;
}

/** Of somebody of whom nothing was said. */
export const noFacts: PersonFacts = { isExpert: false, isSelected: false, points: 0, score: 0 };

/** A step that people reach by their points; the table stands in the configuration. Source: management-api.md §2. */
export interface Level {
  readonly id: number;
  readonly name: string;
  readonly iconUrl: string | null;
  /** From so many points on. */
  readonly from: number;
}

/** The highest level that these points reach; the lowest there is for whom they reach none. `levels` is not empty. */
export const levelOf = (points: number, levels: readonly Level[]): Level | null => {
  const upwards = [...levels].sort((one, other) => one.from - other.from);
  return upwards.findLast(({ from }) => points >= from) ?? upwards[0] ?? null;
};
