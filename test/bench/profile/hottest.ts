import type { Branch, Frame } from './frames.ts';

const listed = 30;

/** Where the time went, in words: by origin, by function (its own time), and by our functions with all that they called. */
export const hottestOf = (root: Branch): string => {
  const branches = [...everyBranch(root)];
  const own = sumsBy(
    branches,
    ({ frame }) => frame.label,
    ({ self }) => self,
  );
  const origins = sumsBy(
    branches,
    ({ frame }) => frame.origin,
    ({ self }) => self,
  );
  const ours = sumsBy(
    outermost(root),
    ({ frame }) => frame.label,
    ({ total }) => total,
  );
  return [
    section('By origin, own time', origins, root.total),
    section('By function, own time', own, root.total),
    section('Our functions, with what they called', ours, root.total),
  ].join('\n');
};

type Sums = readonly (readonly [name: string, micros: number])[];

const sumsBy = (
  branches: readonly Branch[],
  name: (branch: Branch) => string,
  time: (branch: Branch) => number,
): Sums => {
  const sums = new Map<string, number>();
  for (const branch of branches) sums.set(name(branch), (sums.get(name(branch)) ?? 0) + time(branch));
  return [...sums].sort(([, one], [, other]) => other - one).slice(0, listed);
};

function* everyBranch(branch: Branch): Generator<Branch> {
  yield branch;
  for (const child of branch.children) yield* everyBranch(child);
}

/** Our functions, each counted once where it stands on the stack several times. */
const outermost = (root: Branch): readonly Branch[] => {
  const found: Branch[] = [];
  const walk = (branch: Branch, above: readonly Frame['label'][]): void => {
    const { label, origin } = branch.frame;
    const isNew = origin === 'ours' && !above.includes(label);
    if (isNew) found.push(branch);
    for (const child of branch.children) walk(child, isNew ? [...above, label] : above);
  };
  walk(root, []);
  return found;
};

const section = (title: string, sums: Sums, whole: number): string =>
  [
    title,
    ...sums.map(
      ([name, micros]) =>
        `${((100 * micros) / whole).toFixed(1).padStart(6)} %  ${(micros / 1000).toFixed(0).padStart(7)} ms  ${name}`,
    ),
    '',
  ].join('\n');
