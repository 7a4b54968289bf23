import type { Migration } from '../src/db/migrator.ts';

/** Sessions of a person at the console, beside those of user rows at their sites. Source: docs/adr/0027. */
export const up: Migration = async (schema) => {
  const sessions = 'civitas_sessions';
  // Whose it is; null: a site's, of its user row alone.
  await schema.addColumn(sessions, 'personId', ['int']);
  // The site whose OAuth settings the login at the console went through; null: the global ones.
  await schema.addColumn(sessions, 'loginSiteId', ['int']);
};
