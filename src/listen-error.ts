/** One line on stderr and exit code 1 when the address cannot be listened at; any other error goes on. Source: running.md. */
export const reportListenError = (error: unknown): never => {
  const line = listenErrorOf(error);
  if (line === null) throw error;
  process.stderr.write(`${line}\n`);
  process.exit(1);
};

/** What somebody can do about it; null when this is another error. */
export const listenErrorOf = (error: unknown): string | null => {
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'listen') return null;
  const { code, address, port } = error as NodeJS.ErrnoException & {
    readonly address?: string;
    readonly port?: number;
  };
  const reason = reasons.get(code ?? '');
  return reason === undefined ? null : `Cannot listen at ${address} port ${port}: ${reason}`;
};

const reasons: ReadonlyMap<string, string> = new Map([
  [
    'EADDRINUSE',
    "another program does. Set PORT to another one (METRICS_PORT, if it is that one); the demo's OAuth server takes the one after it.",
  ],
  ['EADDRNOTAVAIL', 'this machine has no such address. Set HOST to one that it has.'],
  ['EACCES', 'this user may not. Set PORT to one above 1023.'],
]);
