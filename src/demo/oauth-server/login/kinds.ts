import type { AuthType, ClientSpec } from '../options.ts';

/** The ways to log in, with the words of the choice page. */
const kinds: Readonly<Record<Exclude<AuthType, 'Phonenumber'>, { readonly path: string; readonly label: string }>> = {
  UniqueCode: { path: '/auth/code/login', label: 'Mijn stemcode' },
  Local: { path: '/auth/local/login', label: 'Inlog via Wachtwoord' },
  Url: { path: '/auth/url/login', label: 'E-mail een inloglink' },
  Anonymous: { path: '/auth/anonymous/login', label: 'Anoniem inloggen' },
};

export interface Choice {
  readonly path: string;
  readonly label: string;
}
export const choicesOf = ({ authTypes = [] }: ClientSpec): readonly Choice[] =>
  authTypes.flatMap((type) => (type === 'Phonenumber' ? [] : [kinds[type]]));

/** For administrators, whatever the client allows to others. */
export const adminChoices: readonly Choice[] = [kinds.Local, kinds.Url].map(({ path, label }) => ({
  path: `${path}/admin`,
  label,
}));

export const isPrivileged = (role: string | undefined): boolean =>
  ['admin', 'moderator', 'editor'].includes(role ?? '');

/** Their pages are there for clients that allow the kind, and for administrators; what is posted is not asked. */
export const assertKind = (client: ClientSpec, type: AuthType, route: unknown): void => {
  if (route !== undefined && route !== 'admin') throw new Error('Priviliged route is not properly set');
  if (route === undefined && client.authTypes?.includes(type) !== true) throw new Error('Auth types not allowed');
};
