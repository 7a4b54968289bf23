// A child process: who asks.
import { answering } from './child.ts';
import { drive } from './drive.ts';
import { steadily } from './steady.ts';

const load = { drive, steadily };
export type Load = typeof load;

answering(load);
