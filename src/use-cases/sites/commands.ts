import type { InTurn } from '../commands.ts';
import type { Actor } from '../../domain/actor.ts';
import type { FieldError } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { Ports } from '../../ports/index.ts';

/** What making a site and changing one need. */
export type SiteNeeds = Pick<
  Ports,
  | 'sites'
  | 'users'
  | 'clients'
  | 'changes'
  | 'secrets'
  | 'settings'
  | 'identity'
  | 'clock'
  | 'log'
  | 'withLease'
  | 'inOneTransaction'
>;

/** What a body says about a site; what it does not say stays as it is. */
export interface SiteChange {
  readonly name?: string;
  readonly title?: string;
  /** A host, in lower case. */
  readonly domain?: string;
  readonly areaId?: number | null;
  /** As sent: merged into what is there. */
  readonly config?: JsonObject;
}
export interface ChangedConfig {
  readonly before: JsonObject;
  readonly after: JsonObject;
}
/** What is wrong in a config and was not there before, one entry per value, with JSON pointers below `/config`; at most a hundred. */
export type ConfigErrors = (config: ChangedConfig) => readonly FieldError[];

interface Wish {
  readonly actor: Actor;
  readonly change: SiteChange;
  /** The schema of site configs, which lives where bodies are read. */
  readonly configErrors: ConfigErrors;
}
export interface CreateSiteCommand extends Wish {
  readonly change: SiteChange & { readonly domain: string };
}
export interface UpdateSiteCommand extends Wish {
  readonly site: Site;
  /** `If-Match`: whether the site, as it stands under the lock, still is what the caller saw. */
  readonly stillMatches?: (site: Site) => boolean;
  /** For working out what a config comes to. */
  readonly inTurn?: InTurn;
}
export interface DeleteSiteCommand {
  readonly actor: Actor;
  readonly site: Site;
}
