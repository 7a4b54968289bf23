import { byActivity } from '../../activity-types/index.ts';
import type { Actor } from '../../domain/actor.ts';
import { siteSummary } from '../../domain/site.ts';
import { visibleTo } from '../../domain/user-visibility.ts';
import type { AnonymizationLists, OauthOutcome } from '../../users/commands.ts';
import { shownColumns } from './activity.ts';

/** The six lists; `users` as they were before, and as this actor may see them. Source: anonymization.md §1. */
export const anonymizationBody = (actor: Actor, lists: AnonymizationLists): object => ({
  users: lists.users.map(({ user, site }) => visibleTo(actor, user, site)),
  sites: lists.sites.map(siteSummary),
  ...byActivity((type) => lists[type.plural].map((row) => shownColumns(type, row))),
});

/** What became of the person, and of their values for these sites, at the OAuth server. Source: anonymization.md §2 and §3. */
export const oauthHeaders = ({ removal, values }: OauthOutcome): Readonly<Record<string, string>> => ({
  'X-OAuth-Removal': removal,
  'X-OAuth-Values': values,
});
