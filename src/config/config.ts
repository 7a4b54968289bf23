import type { Level } from '../domain/people/person-facts.ts';
import { normalisedIssuer, type GlobalOauthClient } from '../domain/sites/oauth-client.ts';
import type { LimitSettings } from '../platform/peer-workers.ts';

/** A fixed token of the configuration. Source: user-api.md §1. */
export interface FixedToken {
  readonly token: string;
  readonly userId: number;
  /** The name of the OAuth settings in a site's config. */
  readonly client: string;
}

/** Everything that can be set, as the program uses it. Every leaf has its row in settings.ts: the compiler holds that. */
export interface Config {
  readonly nodeEnv: 'development' | 'production' | 'test';
  /** Whether this is the demo: decided in demo.ts. */
  readonly demo: boolean;
  /** Absolute. */
  readonly dataDir: string;
  /** An IANA name. */
  readonly timeZone: string;
  readonly server: {
    readonly host: string;
    readonly port: number;
    /** Processes that share the port. */
    readonly workers: number;
    /** As express takes it: the number of proxies, or their addresses with commas. */
    readonly trustProxy: false | number | string;
    readonly stopSeconds: number;
    /** As browsers reach us, without a slash at its end; null: as each request says, if that can be believed. */
    readonly publicUrl: string | null;
  };
  /** null: one instance, or several that learn of changes within `freshSeconds`. */
  readonly redis: { readonly url: string | null };
  readonly database: { readonly url: string; readonly poolSize: number; readonly statementSeconds: number };
  readonly authorization: {
    readonly serverUrl: string | null;
    readonly internalServerUrl: string | null;
    /** null: as `serverUrl`. */
    readonly issuer: string | null;
    readonly clientId: string | null;
    readonly clientSecret: string | null;
    readonly allowedHosts: readonly string[];
    readonly jwtSecret: string;
    readonly acceptLegacyTokens: boolean;
    readonly jwtLifetime: {
      /** Of moderators and above. */
      readonly staffSeconds: number;
      readonly othersSeconds: number;
    };
    readonly fixedTokens: readonly FixedToken[];
    /** null: nobody is platform admin at the console. */
    readonly platformSiteId: number | null;
  };
  readonly oauth: { readonly timeLimitMs: number; readonly maxConnections: number };
  readonly secrets: {
    /** Base64 of 32 bytes each: the first seals, all open. */
    readonly dataKeys: readonly string[];
    /** Ed25519: the first signs receipts, all verify. */
    readonly receiptKeys: readonly string[];
  };
  readonly users: {
    readonly cache: {
      readonly freshSeconds: number;
      readonly maxStaleSeconds: number;
      /** 0: no walk. */
      readonly sweepPerMinute: number;
    };
    readonly anonymize: { readonly firstName: string; readonly lastName: string };
  };
  readonly anonymize: { readonly maxListed: number };
  readonly audit: { readonly sealSeconds: number };
  readonly outbox: { readonly intervalSeconds: number; readonly alarmSeconds: number };
  readonly management: { readonly rotationOverlapSeconds: number; readonly levels: readonly Level[] };
  readonly interop: { readonly openstad: boolean };
  readonly limits: LimitSettings;
  readonly log: { readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent' };
  /** `port`: where /metrics answers instead of the API's own; null: there. */
  readonly metrics: { readonly enabled: boolean; readonly port: number | null };
  /** `theme`: `civitas` or `voorbeeld`, or where a file of tokens is. */
  readonly console: { readonly enabled: boolean; readonly theme: string };
}

type Value = string | number | boolean | null | readonly unknown[];
/** `server.port`, `users.cache.freshSeconds`, …: one path per leaf. */
export type SettingName<T = Config> = {
  readonly [K in keyof T & string]: T[K] extends Value ? K : `${K}.${SettingName<T[K]>}`;
}[keyof T & string];

/** The global OAuth client that the settings name, or null where none is configured. */
export const globalOauthClientOf = ({ authorization }: Pick<Config, 'authorization'>): GlobalOauthClient => {
  const { serverUrl, internalServerUrl, clientId, clientSecret } = authorization;
  const browserUrl = serverUrl === null ? null : normalisedIssuer(serverUrl);
  const internalUrl = internalServerUrl === null ? browserUrl : normalisedIssuer(internalServerUrl);
  const issuer = authorization.issuer === null ? browserUrl : normalisedIssuer(authorization.issuer);
  if (browserUrl === null || issuer === null || internalUrl === null) return null;
  if (clientId === null || clientSecret === null) return null;
  const client = { issuer, internalUrl, clientId, clientSecret, adapter: 'openstad', settings: {} } as const;
  return browserUrl === issuer ? client : { ...client, browserUrl };
};

/** One thing that is wrong with the configuration. Never holds the value: it may be a secret. */
export interface ConfigFault {
  /** As in config/*.json: `database.url`. */
  readonly setting: string;
  /** The environment name, or null where there is none. */
  readonly variable: string | null;
  /** What it must be: `must be …`. */
  readonly detail: string;
}

/** All that is wrong with the configuration, told at once. */
export class ConfigFaults extends Error {
  readonly faults: readonly ConfigFault[];
  constructor(faults: readonly ConfigFault[], options?: ErrorOptions) {
    super(
      `The configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  - ${told(fault)}`).join('\n')}`,
      options,
    );
    this.name = 'ConfigFaults';
    this.faults = faults;
  }
}

const told = ({ setting, variable, detail }: ConfigFault): string =>
  `${variable === null ? setting : `${variable} (${setting})`} ${detail}`;
