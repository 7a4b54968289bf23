import { availableParallelism, cpus, totalmem, type } from 'node:os';

/** What the figures were seen on; no name of it. */
export const machine = (): string => {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${availableParallelism()} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GB, ${type()}`;
};
