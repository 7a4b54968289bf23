import type { StoriesOfSites } from '../sites/commands.ts';
import type { AllStories } from '../users/stories.ts';

/** Every story, of users and of sites. */
export interface HttpStories extends AllStories, StoriesOfSites {}
