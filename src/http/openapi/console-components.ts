import { userRoles } from '../../domain/actor.ts';
import { date, id, listOf, object, objectOfAll, orNull, reference, text, type Schema } from './schema.ts';

const site = objectOfAll({ id, title: text });

/** The console's session. Source: people.md §6. */
export const consoleSchemas: Readonly<Record<string, Schema>> = {
  OwnSession: objectOfAll({
    id: text,
    kind: { type: 'string', enum: ['console', 'site'] },
    site: { anyOf: [site, { type: 'null' }] },
    createdAt: date,
    expiresAt: date,
    current: { type: 'boolean' },
  }),
  OwnSessions: objectOfAll({
    id: { ...text, description: 'Of this session; a page that says it in `X-Civitas-Console` acts by no other.' },
    expiresAt: date,
    displayName: orNull(text),
    email: orNull(text),
    platformAdmin: { type: 'boolean' },
    users: listOf(objectOfAll({ id, site, role: { type: 'string', enum: userRoles }, displayName: orNull(text) })),
    moderates: listOf(site),
    sessions: listOf(reference('OwnSession')),
  }),
  ConsoleLeft: object({ session: { type: 'string', const: 'ended' }, next: orNull(text) }, ['session', 'next']),
};
