import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { serverOf } from '../../../src/http/server.ts';
import { testApp } from '../../http/support/app.ts';

/** A request whose body is sent piece by piece, as it pleases its sender. */
export interface Conversation {
  readonly socket: Socket;
  /** What the server has said so far. */
  readonly said: () => string;
  readonly isClosed: () => boolean;
}

/** The server of the program for the tests of a file; answers how to begin a form to it, with these lines (each with its end) in the head. */
export const serverForRawBodies = (): ((path: string, lines: string) => Conversation) => {
  let server: Server;
  beforeAll(async () => {
    server = serverOf(testApp().app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return (path, lines) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
    let [text, isClosed] = ['', false];
    socket.on('data', (piece: Buffer) => (text += piece.toString('latin1')));
    socket.once('close', () => (isClosed = true));
    socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n${lines}\r\n`);
    return { socket, said: () => text, isClosed: () => isClosed };
  };
};
