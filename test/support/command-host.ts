import { runCivitas } from '../../src/cli/run.ts';

/** A process that has the program loaded, and runs one command after the other as it is told by messages. See `openCommands`. */
process.on('message', ({ words, env }: { words: string[]; env: Record<string, string> }) => {
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, env);
  const said: { isPrinted: boolean; text: string }[] = [];
  for (const [stream, isPrinted] of [
    [process.stdout, true],
    [process.stderr, false],
  ] as const)
    stream.write = (chunk: string | Uint8Array, ...more: unknown[]): boolean => {
      said.push({ isPrinted, text: Buffer.from(chunk).toString() });
      const done = more.find((one) => typeof one === 'function');
      if (done !== undefined) process.nextTick(done);
      return true;
    };
  void runCivitas(words).then((code) => {
    // What a command hears, it hears to its end.
    for (const name of ['SIGINT', 'SIGTERM']) process.removeAllListeners(name);
    for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error');
    process.send?.({ code, said });
  });
});
