import { once } from 'node:events';
import type { RecordedWorld } from '../../support/recorded-world.ts';
import { asking } from './asking.ts';
import { answerUnread } from './at-rest.ts';

/** Begins to read an answer; answers, once no more of it is read from the database, how to read the rest. */
export const beginsToRead = async (
  world: Pick<RecordedWorld, 'url' | 'statements'>,
  path: string,
  header: string,
): Promise<() => Promise<string>> => {
  const socket = await answerUnread(world, path, () => asking(world.url, path, header));
  return async () => {
    let text = '';
    socket.on('data', (piece: Buffer) => (text += piece.toString()));
    socket.resume();
    await once(socket, 'close');
    return text;
  };
};

/** As the last piece of an answer that is whole. */
export const isWhole = (text: string): boolean => text.endsWith('\r\n0\r\n\r\n');
