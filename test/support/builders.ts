import type { ActivityRow } from '../../src/activity-types/definition.ts';
import type { Actor } from '../../src/domain/actor.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { blankRow, type Person, type User, type UserRow } from '../../src/domain/users/user.ts';
import type { Session } from '../../src/domain/session.ts';
import { siteConfigOf, type Site } from '../../src/domain/sites/site.ts';
import type { AuditRow } from '../../src/ports/audit.ts';

/** Whole things of which a test says only what matters to it. No two share an id unless the test says so. */

export const aDay = new Date('2024-01-01T12:00:00.000Z');
let lastId = 0;
export const anId = (): number => ++lastId;

/** A person's row; its `personId` follows from `person` unless said otherwise. */
export const aUser = (said: Partial<User> = {}): User => {
  const person = said.person ?? null;
  return {
    id: anId(),
    ...blankRow(1, person?.id ?? null, person?.externalId ?? null, aDay),
    complete: true,
    person,
    ...said,
  };
};

/** A row as `insert` takes it. */
export const aNewRow = (said: Partial<Omit<UserRow, 'id'>> = {}): Omit<UserRow, 'id'> => ({
  ...blankRow(said.siteId ?? 1, said.personId ?? null, null, aDay),
  complete: true,
  ...said,
});

export const aPerson = (said: Partial<Person> = {}): Person => {
  const id = said.id ?? anId();
  const fixed = {
    issuer: 'https://oauth.example',
    fetchedAt: null,
    state: 'active',
    isOursToRemove: true,
    isUnclaimed: false,
    loginSetAt: null,
    hasUnsaidFields: false,
  } as const;
  return { id, externalId: String(1000 + id), ...fixed, ...said };
};

export const aSession = (said: Partial<Session> = {}): Session => ({
  jti: `jti-${anId()}`,
  userId: 1,
  provider: 'default',
  accessToken: null,
  accessTokenExpiresAt: null,
  sid: null,
  checkedAt: new Date(),
  createdAt: new Date(),
  expiresAt: new Date(Date.now() + 3_600_000),
  ...said,
});

/** `config` is written as in the database. */
export const aSite = ({
  config = {},
  ...said
}: Partial<Omit<Site, 'config' | 'rawConfig'>> & { config?: JsonObject } = {}): Site => {
  const id = said.id ?? anId();
  const fixed = { name: `site-${id}`, title: `Site ${id}`, domain: `site-${id}.example`, areaId: null };
  return { id, ...fixed, createdAt: aDay, updatedAt: aDay, ...said, config: siteConfigOf(config), rawConfig: config };
};

/** Somebody who asks; a visitor unless said otherwise. `roles`: role per site id, each of which counts at its site unless `reach` says less. */
export const anActor = ({
  roles = {},
  ...said
}: Partial<Omit<Actor, 'roleBySite'>> & { roles?: Record<number, UserRow['role']> } = {}): Actor => ({
  userId: null,
  personId: null,
  reach: { kind: 'rows', platformSiteId: null, siteIds: null },
  rowIds: said.userId == null ? [] : [said.userId],
  provider: 'default',
  jti: null,
  ...said,
  roleBySite: new Map(Object.entries(roles).map(([siteId, role]) => [Number(siteId), role])),
});

/** Contributions, column by column, as they stand in the database. */
type Said = Readonly<Record<string, unknown>> & { readonly userId: number };
const dates = { createdAt: aDay, updatedAt: aDay, deletedAt: null };
const written = {
  startDate: aDay,
  sort: 1,
  status: 'OPEN',
  extraData: {},
  location: null,
  modBreak: null,
  modBreakUserId: null,
  modBreakDate: null,
};

export const anIdea = (said: Said & { readonly siteId: number }): ActivityRow => {
  const id = anId();
  const text = { title: `Plan ${id}`, summary: 'Kort', description: '<p>Lang</p>' };
  return {
    id,
    ...dates,
    ...written,
    typeId: null,
    viewableByRole: 'all',
    ...text,
    budget: null,
    publishDate: null,
    ...said,
  };
};

export const anArticle = (said: Said & { readonly siteId: number }): ActivityRow => {
  const id = anId();
  return { id, ...dates, ...written, title: `Artikel ${id}`, summary: 'Kort', description: '<p>Lang</p>', ...said };
};

export const anArgument = (said: Said & { readonly ideaId: number }): ActivityRow => ({
  id: anId(),
  ...dates,
  parentId: null,
  sentiment: 'for',
  description: 'Omdat het kan',
  label: null,
  ...said,
});

/** What a call did to user 7 at site 1, as it stands in the audit. */
export const anAuditRow = (said: Partial<AuditRow> = {}): AuditRow => ({
  id: anId(),
  at: aDay,
  call: 'do-anonymize',
  operation: 'd'.repeat(43),
  actorId: 101,
  actorKind: 'staff',
  actorName: null,
  siteId: 1,
  userId: 7,
  disposition: 'anonymized',
  counts: '{"votes":{"keep":0,"anonymize":1,"remove":2}}',
  digest: 'digest',
  oauth: 'remove',
  reason: null,
  withheld: false,
  told: true,
  shown: true,
  rank: 1,
  rowCount: 1,
  listedAt: aDay,
  mac: 'mac',
  ...said,
});

export const aVote = (said: Said & { readonly ideaId: number }): ActivityRow => ({
  id: anId(),
  ...dates,
  confirmed: null,
  confirmReplacesVoteId: null,
  ip: '192.0.2.1',
  opinion: 'yes',
  checked: null,
  ...said,
});
