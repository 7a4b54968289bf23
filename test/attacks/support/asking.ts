import { createConnection, type Socket } from 'node:net';

const sockets: Socket[] = [];
/** Ends every connection that was made for `asking`. */
export const hangUp = (): void => {
  for (const socket of sockets.splice(0)) socket.destroy();
};

/**
 * Asks the program at this address over a connection of its own, to view it or (`body`) to change it, and reads nothing of the answer:
 * whoever wants to resumes it.
 */
export const asking = (url: string, path: string, header = '', body?: object): Socket => {
  const { port } = new URL(url);
  const socket = createConnection({ port: Number(port), host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.pause();
  const credential = header === '' ? '' : `${header}\r\n`;
  const [method, json] = body === undefined ? ['GET', ''] : ['PUT', JSON.stringify(body)];
  const sent = body === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${json.length}\r\n`;
  const head = `${method} ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n${credential}${sent}`;
  socket.write(`${head}\r\n${json}`);
  sockets.push(socket);
  return socket;
};

/** The status, once an answer begins, of which no more is read. */
export const statusAlone = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    socket.once('data', (piece: Buffer) => {
      socket.pause();
      resolve(piece.subarray(9, 12).toString());
    });
    socket.resume();
  });
