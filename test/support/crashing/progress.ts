const everyMs = 10_000;

/** Says on stderr now and then how far a long run is; `line` is asked when it is time. */
export const progress = (line: () => string): { readonly tick: () => void } => {
  let last = Date.now();
  return {
    tick: () => {
      if (Date.now() - last < everyMs) return;
      last = Date.now();
      process.stderr.write(`${line()}\n`);
    },
  };
};
