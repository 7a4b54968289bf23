import { generateKeyPairSync } from 'node:crypto';
import type { ProfileField } from '../../domain/people/oauth-profile.ts';

export interface PersonRow extends Partial<Record<ProfileField, string | null>> {
  readonly id: number;
  readonly email: string | null;
  /** JSON as text, as it is stored; null: SQL's NULL, in a person whom an anonymous login made. */
  readonly extraData: string | null;
  /** Client ids where the person has a unique code. */
  readonly uniqueCodesAt?: readonly string[];
  readonly password: string;
  /** ISO 8601, whole seconds, as the real one answers. */
  readonly createdAt: string;
  readonly updatedAt: string;
}
export interface RoleRow {
  readonly id: number;
  /** The row id of the OAuth client. */
  readonly clientId: number;
  readonly userId: number;
  readonly roleId: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}
export interface TokenRow {
  readonly id: string;
  readonly userId: number;
  readonly clientId: string;
}
/** Everything that a restart keeps. */
export interface State {
  readonly nextId: number;
  readonly people: readonly PersonRow[];
  readonly roles: readonly RoleRow[];
  readonly tokens: readonly TokenRow[];
  /** PKCS#8 PEM of the key that signs access tokens. */
  readonly signingKey: string;
}

export const emptyState = (): State => {
  freshKey ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  return { nextId: 1, people: [], roles: [], tokens: [], signingKey: freshKey };
};

/** Making one takes a tenth of a second, and tests start servers by the hundred: one a process. */
let freshKey: string | undefined;

export const moment = (date = new Date()): string => date.toISOString().replace(/\.\d{3}Z$/, '.000Z');
