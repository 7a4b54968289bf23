const works: (() => void)[] = [];
let isListening = false;

/** Does this when the process ends, also by Ctrl-C; must be harmless where it is done already. */
export const atExit = (work: () => void): void => {
  works.push(work);
  if (isListening) return;
  isListening = true;
  process.on('exit', () => {
    for (const one of works) one();
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.exit(1);
    });
  }
};
