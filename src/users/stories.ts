import type { Stories } from './commands.ts';
import type { SiteStories } from './site-commands.ts';

/** Every story, as http calls it. */
export interface AllStories extends Stories, SiteStories {}
