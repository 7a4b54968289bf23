import { createServer } from 'node:net';

/**
 * A port that is free together with the next one, as the demo needs them. Below the range from which the system deals ports
 * out by itself: else another test's server may get one of them before the demo does.
 */
export const freePortPair = async (): Promise<number> => {
  for (;;) {
    const port = 15_000 + 2 * Math.floor(Math.random() * 8_000);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
