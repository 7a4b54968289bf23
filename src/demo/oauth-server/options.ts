import type { JsonObject } from '../../domain/json.ts';
import type { ProfileField } from '../../domain/people/oauth-profile.ts';

export const roleNames = ['admin', 'member', 'anonymous', 'moderator', 'editor'] as const;
export type RoleName = (typeof roleNames)[number];

export interface ClientSpec {
  /** The row id, which role lists name. */
  readonly id: number;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where a logout without `redirectUrl` ends. */
  readonly siteUrl?: string;
  /** Ways to log in, with pages of their own each; without any, a page that lists the people (and `Local` for who asks the API). */
  readonly authTypes?: readonly AuthType[];
  readonly name?: string;
  readonly description?: string;
  readonly allowedDomains?: readonly string[];
  readonly requiredUserFields?: readonly string[];
  readonly twoFactorRoles?: readonly string[] | null;
  /** What people have on paper, where `UniqueCode` is a way in. */
  readonly uniqueCodes?: readonly string[];
  readonly config?: {
    readonly users?: { readonly canCreateNewUsers?: boolean };
    /** Takes the place of redirect_uri in e-mail links. */
    readonly emailRedirectUrl?: string;
    /** Where a logout without `redirectUrl` ends, before siteUrl. */
    readonly logoutUrl?: string;
  };
}
/** An e-mail with a login link; nothing is sent. */
export interface OauthMail {
  readonly to: string;
  readonly link: string;
}
export type AuthType = 'Local' | 'Url' | 'Anonymous' | 'UniqueCode' | 'Phonenumber';
export interface PersonSpec extends Readonly<Partial<Record<ProfileField, string | null>>> {
  /** Else the next free one. */
  readonly id?: number;
  readonly extraData?: JsonObject;
  /** Role per client id (not row id). */
  readonly roles?: Readonly<Record<string, RoleName>>;
  /** Client ids where the person has a unique code. */
  readonly uniqueCodesAt?: readonly string[];
}
export type NewPerson = Omit<PersonSpec, 'roles'>;
export interface SnapshotPerson extends Readonly<Record<ProfileField, string | null>> {
  readonly id: number;
  readonly extraData: JsonObject;
  readonly roles: Readonly<Record<string, RoleName>>;
}

export interface OauthServerOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly host: string;
  /** Keeps the data over a restart; what it holds goes before `people`. */
  readonly file?: string;
  readonly clients: readonly ClientSpec[];
  readonly people: readonly PersonSpec[];
  /** Where the API is: then there is a page of a site beside the login pages, for logins to lead to. */
  readonly apiUrl?: string;
  /** Must be false: this server lets anybody in as anybody. */
  readonly production: boolean;
  readonly log?: { warn(facts: Readonly<Record<string, unknown>>, line: string): void };
}
export interface OauthServer {
  /** No trailing slash. */
  readonly url: string;
  people(): readonly SnapshotPerson[];
  /** A good access token, as a login would give it. */
  tokenFor: (personId: number, clientId: string) => Promise<string>;
  /** Ends every access token of a person. */
  revokeTokens(personId: number): void;
  /** A good authorization code, as the way through the login pages ends with. */
  codeFor: (personId: number, clientId: string) => string;
  /** The person's columns as the database holds them. */
  stored(personId: number): StoredPerson | undefined;
  /** Puts values into columns as SQL would: past the server, which would never store them so. */
  overwrite(personId: number, columns: Partial<StoredPerson>): void;
  /** Newest last. */
  mails(): readonly OauthMail[];
  close(): Promise<void>;
}
export type StoredPerson = Readonly<Record<ProfileField | 'extraData', string | null>>;
