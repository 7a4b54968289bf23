import type { Actor } from '../../domain/actor.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { User } from '../../domain/users/user.ts';
import type { LoggedIn, LoginAnswer, LoginRequest } from '../../ports/identity-provider.ts';

export interface GetMeCommand {
  readonly actor: Actor;
  /** null: at the site of the row that the token names. */
  readonly site: Site | null;
}

export interface FoundMe {
  readonly user: User;
  readonly site: Site | null;
}

export interface EndLoginCommand {
  readonly site: Site;
  /** The name of the site's OAuth settings. */
  readonly provider: string;
  /** As the OAuth server sent it (a logout token). */
  readonly message: string;
}

/** Through whose OAuth settings somebody logs in. */
export interface LoginThrough {
  /** null: the global ones, which only the console does. */
  readonly site: Site | null;
  /** The name of the OAuth settings in the site's config. */
  readonly provider: string;
}
export interface LoginAtSite extends LoginThrough {
  readonly site: Site;
}

/** An OAuth server as a login goes through it; its Faults are those of the port. */
export interface LoginProvider {
  readonly issuer: string;
  readonly clientId: string;
  /** Where browsers go when a login does not say so (`after-login-redirect-uri`); null: not said. */
  readonly afterLogin: string | null;
  readonly stateIsIn: 'state' | 'redirect-uri';
  readonly authorizationAddress: (request: LoginRequest) => Promise<string>;
  readonly exchange: (answer: LoginAnswer) => Promise<LoggedIn>;
  /** '' leads to nowhere in particular; null: the server has no such address. */
  readonly logoutAddress: (redirectUrl: string) => Promise<string | null>;
}

export interface LogInCommand extends LoginAtSite {
  readonly loggedIn: LoggedIn;
  /** What the login was begun with: it counts once. */
  readonly state: string;
}

export interface LogIntoConsoleCommand extends LoginThrough, Pick<LogInCommand, 'loggedIn' | 'state'> {}

/** What the cookie of a session at the console says. */
export interface ConsoleClaims {
  readonly jti: string;
  readonly personId: number;
}

export interface SessionToEnd {
  readonly userId: number;
  readonly jti: string | null;
}
