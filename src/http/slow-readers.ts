import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Reader } from './rate-limits/open-answers.ts';

/**
 * Whoever takes less than `bytes` in `windowMs` in which more of an answer waits to be taken is slow, and loses the connection; of answers
 * whose number is bound, after so many such windows in a row.
 */
export interface Pace {
  readonly bytes: number;
  readonly windowMs: number;
  readonly lookEveryMs: number;
  readonly windowsWhereBound: number;
}

/**
 * A kB a second: a third of what the slowest mobile links carry. What they take is seen in gusts only, as the system holds up to some
 * MB for them and asks for more when a third of it is gone: minutes may lie between two. So what is large, and bound, has five.
 */
const usual: Pace = { bytes: 30_000, windowMs: 30_000, lookEveryMs: 5_000, windowsWhereBound: 10 };

interface Reading {
  readonly takenBefore: number;
  readonly looks: number;
  /** In a row, until now. */
  readonly slowWindows: number;
}
const readings = new WeakMap<Socket, Reading>();

/** Over these goes an answer whose number is bound. */
const bound = new WeakSet<Socket>();

/** Sends an answer whose number is bound. Whoever takes it slowly keeps it, while nobody else waits for it to end. */
export const sentWithPatience = async (socket: Socket | null, send: () => Promise<void>): Promise<void> => {
  if (socket !== null) bound.add(socket);
  try {
    await send();
  } finally {
    if (socket !== null) bound.delete(socket);
  }
};

/**
 * Who takes an answer that begins now; how they took the one before it says nothing of this one. Where they took next to nothing of it
 * lately, it may be ended for who waits.
 */
export const readerOf = (socket: Socket | null): Reader => {
  if (socket !== null) readings.delete(socket);
  return {
    isSlow: () => socket?.destroyed === false && (readings.get(socket)?.slowWindows ?? 0) > 0,
    hangUp: () => {
      socket?.destroy();
    },
  };
};

/**
 * Ends answers that nobody takes: a byte now and then, or none at all, keeps rows in memory as long as one likes. Time in which nothing
 * waits to be taken is ours, and not counted. Source: docs/reference/neighbours.md.
 */
export const endSlowReaders = (
  server: Server,
  { bytes, windowMs, lookEveryMs, windowsWhereBound }: Pace = usual,
): void => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  /** By looks and not by the clock: a process that was busy saw nobody read. */
  const look = (socket: Socket): void => {
    const { takenBefore, looks, slowWindows } = readings.get(socket) ?? { takenBefore: 0, looks: 0, slowWindows: 0 };
    if ((looks + 1) * lookEveryMs < windowMs) {
      readings.set(socket, { takenBefore, slowWindows, looks: looks + 1 });
      return;
    }
    const taken = takenBy(socket);
    const slow = taken - takenBefore < bytes ? slowWindows + 1 : 0;
    if (slow >= (bound.has(socket) ? windowsWhereBound : 1)) socket.destroy();
    else readings.set(socket, { takenBefore: taken, slowWindows: slow, looks: 0 });
  };
  const looking = setInterval(() => {
    for (const socket of sockets) if (socket.writableLength > 0) look(socket);
  }, lookEveryMs).unref();
  server.once('close', () => {
    clearInterval(looking);
  });
};

/** How much of what was written has left the process, to the byte: of a long text that is one write, parts count, too. */
const takenBy = (socket: Socket): number => {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return 0;
  const written: unknown = Reflect.get(handle, 'bytesWritten');
  const queued: unknown = Reflect.get(handle, 'writeQueueSize');
  return typeof written === 'number' && typeof queued === 'number'
    ? written - queued
    : socket.bytesWritten - socket.writableLength;
};
