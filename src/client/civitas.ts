import { AuditList, OneOperation, People, Receipts, Sites } from './across-sites.ts';
import { Calls, type CallOptions, type CivitasOptions } from './calls.ts';
import { randomName } from './plan.ts';
import { CivitasProblem } from './problem.ts';
import { OneRun, Runs } from './runs.ts';
import type { User } from './types.gen.ts';
import { OneUser, Users } from './users.ts';

/** What of a browser's `window` a login needs. */
export interface LoginWindow {
  readonly location: { readonly href: string; assign(address: string): void };
  readonly history: { replaceState(data: unknown, unused: string, address: string): void };
  readonly sessionStorage: {
    getItem(name: string): string | null;
    setItem(name: string, value: string): void;
    removeItem(name: string): void;
  };
}
const stateName = 'civitas-login';

/** Civitas, as a program speaks to it. What has no word of its own here is there by `call`, as every operation of openapi.json. */
export class Civitas extends Calls {
  readonly people = new People(this);
  readonly audit = new AuditList(this);
  readonly receipts = new Receipts(this);
  readonly sites = new Sites(this);
  readonly runs = new Runs(this);

  /** The users of a site, by its id. */
  users(siteId: string | number): Users {
    return new Users(this, siteId);
  }

  /** One user at a site. */
  user(siteId: string | number, userId: string | number): OneUser {
    return new OneUser(this, { siteId, userId });
  }

  /** An anonymization that was asked for, by its name or its address. */
  operation(address: string): OneOperation {
    return new OneOperation(this, address);
  }

  /** An anonymization of several people, by its name; `runs.plan` makes one. */
  run(name: string): OneRun {
    return new OneRun(this, name);
  }

  /**
   * Whose token it is, at this site or at the token's own; null: a visitor's, nobody's here, or one that counts no more, as that of a
   * session that has ended: such a token is forgotten, and calls go on as a visitor's.
   */
  async me(siteId?: string | number, options: CallOptions = {}): Promise<User | null> {
    const { token } = this;
    try {
      const me =
        siteId === undefined
          ? await this.call('viewMeAnywhere', options)
          : await this.call('viewMe', { ...options, path: { siteId } });
      return 'id' in me ? me : null;
    } catch (error) {
      if (!isSignedOut(error)) throw error;
      // Whoever gives tokens may have another one next time, as may who gave one meanwhile.
      if (typeof token !== 'function' && this.token === token) this.token = null;
      return null;
    }
  }

  /** Where a browser begins a login at this site; it comes back to `redirectUrl` with the token as `jwt=`. */
  loginAddress(siteId: string | number, redirectUrl: string): string {
    return this.#loginStep(siteId, 'login', redirectUrl);
  }

  /** Leads the browser to the login and back to this page, where `cameBack` takes the token. */
  login(siteId: string | number, { location, sessionStorage }: LoginWindow): void {
    const state = randomName();
    sessionStorage.setItem(stateName, state);
    const back = new URL(location.href);
    back.searchParams.set(stateName, state);
    location.assign(this.loginAddress(siteId, back.href));
  }

  /**
   * Takes the token of a login out of the page's address, and goes by it from now on; null where there is none, or this tab did not
   * begin that login: else a link that somebody sends would log a reader in as somebody else.
   */
  cameBack({ location, history, sessionStorage }: LoginWindow): string | null {
    const here = new URL(location.href);
    const { searchParams } = here;
    const [token, state] = [searchParams.get('jwt'), searchParams.get(stateName)];
    if (token === null) return null;
    const begun = sessionStorage.getItem(stateName);
    sessionStorage.removeItem(stateName);
    for (const name of ['jwt', stateName]) searchParams.delete(name);
    history.replaceState(null, '', here.href);
    if (begun === null || begun !== state) return null;
    this.token = token;
    return token;
  }

  /** Ends the session of the token, which is forgotten; `none`: it had none, as a fixed token, or it had ended before. */
  async logout(siteId: string | number, options: CallOptions = {}): Promise<'ended' | 'none'> {
    let ended: 'ended' | 'none' = 'none';
    try {
      ended = (await this.call('logOut', { ...options, path: { siteId } })).session;
    } catch (error) {
      if (!isSignedOut(error)) throw error;
    }
    this.token = null;
    return ended;
  }

  /** Where a browser is logged out at the OAuth server (of the site's `default` settings), which then sends it to `redirectUrl`. */
  logoutAddress(siteId: string | number, redirectUrl: string): string {
    return this.#loginStep(siteId, 'logout', redirectUrl);
  }

  /**
   * Ends the session as `logout` does, and leads the browser to be logged out at the OAuth server, too, and back to this page: else its
   * next login is as the same person, and asks nothing.
   */
  async leave(
    siteId: string | number,
    { location }: Pick<LoginWindow, 'location'>,
    options: CallOptions = {},
  ): Promise<void> {
    await this.logout(siteId, options);
    location.assign(this.logoutAddress(siteId, location.href));
  }

  #loginStep(siteId: string | number, step: 'login' | 'logout', redirectUrl: string): string {
    return `${this.url}/oauth/site/${encodeURIComponent(siteId)}/${step}?${new URLSearchParams({ redirectUrl }).toString()}`;
  }
}

/** Whether the token was none, or counts no more. */
const isSignedOut = (error: unknown): boolean =>
  error instanceof CivitasProblem && error.type === '/problems/unauthenticated';

/** `civitas({ url, token })` is `new Civitas({ url, token })`. */
export const civitas = (options: CivitasOptions): Civitas => new Civitas(options);
