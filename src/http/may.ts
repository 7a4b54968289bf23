import type { Actor } from '../domain/actor.ts';
import { mustBeCreator, mustBeOwnerOrModerator } from '../domain/users/user-rules.ts';
import {
  mustBeAdmin,
  mustBeEditor,
  mustBeModerator,
  mustBePlatformAdmin,
  mustBeSiteAdmin,
} from '../domain/refusals.ts';
import type { AtSite, OfUser } from './where.ts';

/**
 * Who may, by role alone: the step between loading the place that an address names and reading query and body. Each refuses with the
 * domain's own rule. Source: user-api.md §1 "Order of refusals".
 */
export const byPlatformAdmins = (actor: Actor): void => {
  mustBePlatformAdmin(actor);
};
export const bySiteAdmins = (actor: Actor, { site }: AtSite): void => {
  mustBeSiteAdmin(actor, site.id);
};
export const byAdmins = (actor: Actor, { site }: AtSite): void => {
  mustBeAdmin(actor, site.id);
};
export const byEditors = (actor: Actor, { site }: AtSite): void => {
  mustBeEditor(actor, site.id);
};
export const byModerators = (actor: Actor, { site }: AtSite): void => {
  mustBeModerator(actor, site.id);
};
export const byCreators = (actor: Actor, { site }: AtSite): void => {
  mustBeCreator(actor, site);
};
export const byOwnerOrModerators = (actor: Actor, { site, userId }: OfUser): void => {
  mustBeOwnerOrModerator(actor, site.id, userId);
};
