import type { Profiler } from 'node:inspector';

/** A function on the stack, as people know it, and where it comes from. */
export interface Frame {
  readonly label: string;
  /** `ours`, a package's name, `node`, or `engine` (garbage collection and the like). */
  readonly origin: string;
}
/** Times in microseconds. */
export interface Branch {
  readonly frame: Frame;
  readonly self: number;
  readonly total: number;
  readonly children: readonly Branch[];
}

/** A profile as one tree, without the time in which nothing was done. */
export const treeOf = ({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, folder: string): Branch => {
  const selfById = new Map<number, number>();
  for (const [index, id] of samples.entries()) selfById.set(id, (selfById.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const branchOf = (node: Profiler.ProfileNode): Branch => {
    const children = (node.children ?? [])
      .flatMap((id) => byId.get(id) ?? [])
      .filter(({ callFrame }) => callFrame.functionName !== '(idle)')
      .map(branchOf);
    const self = selfById.get(node.id) ?? 0;
    const total = children.reduce((sum, child) => sum + child.total, self);
    return { frame: frameOf(node.callFrame, folder), self, total, children };
  };
  const [root] = nodes;
  if (root === undefined) throw new Error('an empty profile');
  return branchOf(root);
};

const frameOf = ({ functionName, url, lineNumber }: Profiler.ProfileNode['callFrame'], folder: string): Frame => {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return { label: name, origin: 'engine' };
  const at = (path: string): string => `${name} ${path}:${lineNumber + 1}`;
  if (url.startsWith('node:')) return { label: at(url), origin: 'node' };
  const path = decodeURIComponent(url.replace(/^file:\/\//, ''));
  const inside = path.split('/node_modules/').at(-1);
  if (path.includes('/node_modules/') && inside !== undefined) {
    const origin = /^(@[^/]+\/[^/]+|[^/]+)/.exec(inside)?.[0] ?? inside;
    return { label: at(inside), origin };
  }
  return { label: at(path.replace(`${folder}/`, '').replace(/\.js$/, '.ts')), origin: 'ours' };
};
