import type { ProfileField } from '../../domain/people/oauth-profile.ts';
import { isJsonObject, type Json } from '../../domain/json.ts';
import { roleNames, type ClientSpec, type RoleName, type SnapshotPerson, type StoredPerson } from './options.ts';
import type { PersonRow, RoleRow } from './state.ts';

/** What the real server answers, key by key in its own order, as recorded. */

const unused = { resetPasswordToken: null, twoFactorToken: null, twoFactorConfigured: 0, phoneNumberConfirmed: 0 };

/** In a list: with the password hash. */
export const listed = (row: PersonRow): object => {
  const { resetPasswordToken, ...others } = unused;
  const { createdAt, updatedAt } = row;
  return {
    ...columns(row),
    extraData: parsedExtraData(row, {}),
    password: row.password,
    resetPasswordToken,
    createdAt,
    updatedAt,
    ...others,
  };
};

export const single = (row: PersonRow, roles: readonly RoleRow[]): object => ({
  ...withoutPassword(row),
  extraData: parsedExtraData(row, {}),
  roles,
});

/** After an update: extraData as text, no roles. */
export const updated = (row: PersonRow): object => ({
  ...withoutPassword(row),
  extraData: row.extraData,
});

/** After a create: all columns, in an order of its own. */
export const created = (row: PersonRow): object => ({
  ...fieldsOf(row),
  extraData: row.extraData,
  updatedAt: row.updatedAt,
  createdAt: row.createdAt,
  id: row.id,
  hashedPhoneNumber: null,
  ...unused,
});

/** Nobody's role at this client is an absent key. */
export const userinfo = (row: PersonRow, role: RoleName | undefined): object => ({
  user_id: row.id,
  email: row.email,
  role,
  firstName: row.firstName ?? null,
  postcode: row.postcode ?? null,
  lastName: row.lastName ?? null,
  phoneNumber: row.phoneNumber ?? null,
  hashedPhoneNumber: null,
  extraData: parsedExtraData(row, null),
  scope: '*',
});

export const snapshot = (
  row: PersonRow,
  roles: readonly RoleRow[],
  clients: readonly ClientSpec[],
): SnapshotPerson => ({
  ...fieldsOf(row),
  id: row.id,
  extraData: objectOf(parsedExtraData(row, {})),
  roles: Object.fromEntries(
    clients.flatMap(({ id, clientId }) => {
      const name = roleName(roles, id);
      return name === undefined ? [] : [[clientId, name]];
    }),
  ),
});

export const roleName = (roles: readonly RoleRow[], clientRow: number): RoleName | undefined =>
  roleNames[(roles.find(({ clientId }) => clientId === clientRow)?.roleId ?? 0) - 1];

const fieldsOf = (row: PersonRow): Readonly<Record<ProfileField, string | null>> => ({
  email: row.email,
  firstName: row.firstName ?? null,
  lastName: row.lastName ?? null,
  phoneNumber: row.phoneNumber ?? null,
  streetName: row.streetName ?? null,
  houseNumber: row.houseNumber ?? null,
  suffix: row.suffix ?? null,
  postcode: row.postcode ?? null,
  city: row.city ?? null,
});

/** Anything that JSON can be: a list, a text, null; or what stands for NULL. */
const parsedExtraData = ({ extraData }: PersonRow, nothing: Json): Json =>
  extraData === null || extraData === '' ? nothing : (JSON.parse(extraData) as Json);

const objectOf = (value: Json): SnapshotPerson['extraData'] => (isJsonObject(value) ? value : {});

export const client = (spec: ClientSpec, startedAt: string): object => ({
  id: spec.id,
  name: spec.name ?? spec.clientId,
  description: spec.description ?? '',
  exposedUserFields: [],
  requiredUserFields: spec.requiredUserFields ?? [],
  siteUrl: spec.siteUrl ?? '',
  redirectUrl: '',
  authTypes: spec.authTypes ?? ['Local'],
  clientId: spec.clientId,
  clientSecret: spec.clientSecret,
  createdAt: startedAt,
  updatedAt: startedAt,
  allowedDomains: spec.allowedDomains ?? [],
  config: {},
  twoFactorRoles: spec.twoFactorRoles ?? null,
});

export const storedColumns = (row: PersonRow): StoredPerson => ({ ...fieldsOf(row), extraData: row.extraData });

const columns = (row: PersonRow): object => ({ id: row.id, ...fieldsOf(row), hashedPhoneNumber: null });

const withoutPassword = (row: PersonRow): object => ({
  ...columns(row),
  ...unused,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});
