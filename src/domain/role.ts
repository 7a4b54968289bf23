/** From the least to the most. `all` is everybody, visitors included; no user row carries it. Source: user-api.md §1. */
export const roles = ['all', 'anonymous', 'member', 'moderator', 'editor', 'admin'] as const;
export type Role = (typeof roles)[number];
/** What a user row may carry. */
export type UserRole = Exclude<Role, 'all'>;

export const userRoles = ['anonymous', 'member', 'moderator', 'editor', 'admin'] as const satisfies readonly UserRole[];

const rank = (role: Role): number => roles.indexOf(role);

export const atLeast = (role: Role, needed: Role): boolean => rank(role) >= rank(needed);

/** The highest of some roles; `all` when there is none. */
export const highest = (some: readonly Role[]): Role =>
  some.reduce<Role>((top, role) => (atLeast(top, role) ? top : role), 'all');

export const lower = (one: Role, other: Role): Role => (atLeast(one, other) ? other : one);

/** Every role that may see what is shown to `needed` and above, seen from the holder: all roles up to this one. */
export const rolesUpTo = (role: Role): readonly Role[] => roles.filter((other) => atLeast(role, other));

export const isRole = (value: unknown): value is Role => roles.some((role) => role === value);
export const isUserRole = (value: unknown): value is UserRole => isRole(value) && value !== 'all';
