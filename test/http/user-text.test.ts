import fc from 'fast-check';
import { visitor, type Actor, type Role } from '../../src/domain/actor.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { siteSummary } from '../../src/domain/sites/site.ts';
import { tellVisible } from '../../src/domain/users/user-visibility.ts';
import { userText } from '../../src/http/presenters/user-records.ts';
import { aSite, niels } from './support/world.ts';

const oddText = fc.constantFrom('\u2028', 'half \ud83d of one', '\u0000\u007f', '"\\', '😀');
const anyText = fc.oneof(fc.string({ unit: 'binary' }), oddText);
const anyKey = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'toJSON', '0', '-1', '', 'length'), anyText);
const anyExtraData = fc
  .array(fc.tuple(anyKey, fc.oneof(fc.jsonValue(), anyText)))
  .map((entries) => Object.fromEntries(entries) as JsonObject);

const withRole = (role: Role): Actor => ({ ...visitor, reach: { kind: 'everywhere', role } });

describe('a user as JSON', () => {
  const declaringSome = aSite(1, { users: { extraData: { bio: {}, 0: { auth: { viewableBy: 'moderator' } } } } });

  test('is what JSON.stringify would write of the fields that are seen, whoever looks and whatever they hold', () => {
    fc.assert(
      fc.property(
        anyExtraData,
        anyText,
        fc.date(),
        fc.constantFrom<Role[]>('all', 'moderator', 'admin'),
        fc.constantFrom(declaringSome, aSite(1), null),
        (extraData, firstName, lastLogin, role, site) => {
          const [actor, user] = [withRole(role), niels({ extraData, firstName, lastLogin })];
          const seen: Record<string, unknown> = {};
          tellVisible(actor, user, site, (name, value) => (seen[name] = value));

          expect(userText(actor, user, site)).toBe(
            JSON.stringify(site === null ? seen : { ...seen, site: siteSummary(site) }),
          );
        },
      ),
    );
  });
});
