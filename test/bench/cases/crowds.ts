import type { Role } from '../city/cast.ts';
import type { Shape } from '../city/shape.ts';
import type { Shot } from '../children/drive.ts';
import { get, userPath, type Setting } from './case.ts';

/** Views at a fixed rate, alone and while another client asks for this again and again. */
export interface Crowd {
  readonly name: string;
  readonly title: string;
  readonly cast?: (shape: Shape) => readonly Role[];
  readonly neighbour: (setting: Setting) => Shot;
}
export const viewsPerSecond = 300;
const manyVotes = 50_000;

const streaming: Crowd = {
  name: 'view-while-streaming',
  title: 'view while another streams a large site',
  neighbour: ({ shape, as }) => get(`/api/site/${shape.bigSite ?? 1}/user`, as('admin')),
};

const previewing: Crowd = {
  name: 'view-while-previewing',
  title: 'view while another previews 50,000 votes',
  cast: () => [{ sites: [4], items: { ideas: 0, articles: 0, arguments: 0, votes: manyVotes } }],
  neighbour: ({ players, as }) =>
    get(`${userPath(4, players[0]?.rows[0]?.id ?? 0)}/will-anonymize?view=summary`, as('admin')),
};

export const crowds: readonly Crowd[] = [streaming, previewing];
