export interface Grouped<T> {
  readonly [step: string]: T | Grouped<T>;
}

/** Dotted names as an object: `[['a.b', 1], ['a.c', 2]]` is `{a: {b: 1, c: 2}}`. */
export const grouped = <T>(entries: readonly (readonly [string, T])[]): Grouped<T> => {
  const heads = new Set(entries.map(([name]) => name.split('.')[0] ?? name));
  return Object.fromEntries(
    [...heads].map((head) => {
      const leaf = entries.find(([name]) => name === head);
      const inner = entries.filter(([name]) => name.startsWith(`${head}.`));
      return [
        head,
        leaf === undefined
          ? grouped(inner.map(([name, value]) => [name.slice(head.length + 1), value] as const))
          : leaf[1],
      ];
    }),
  );
};
