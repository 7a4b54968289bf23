import { activityTypes, type ActivityPlural } from '../../activity-types/index.ts';
import type { ActivityType } from '../../activity-types/definition.ts';
import { isPlatformAdmin, type Actor } from '../../domain/actor.ts';
import { exactTexts } from '../../domain/json.ts';
import { siteSummary, type Site } from '../../domain/sites/site.ts';
import type { AuditRow } from '../../ports/audit.ts';
import type {
  AnonymizationChanges,
  AnonymizationLists,
  AnonymizationSummary,
  AnonymizationView,
  Anonymized,
  ChangedRow,
  ConcernedContribution,
  FieldChange,
  First,
} from '../../use-cases/anonymization/commands.ts';
import { shownSummary } from '../../use-cases/anonymization/view.ts';
import type { AnonymizationStatus, Operation } from '../../use-cases/audit/commands.ts';
import { askedBy, countsOf } from '../../use-cases/audit/read-operation.ts';
import type { OauthOutcome } from '../../use-cases/outbox/deliver-message.ts';
import type { Answer } from '../route.ts';
import { contributionText, jsonArray, listText, userText, valueText } from './user-records.ts';

/**
 * The six lists (`users` as they were before, and as this actor may see them), the summary, or that with what it would look like; as
 * JSON, of which no more is written than is read: control characters take six times as much in it. Source: anonymization.md §1.
 */
export const anonymizationAnswer = ({ actor, lists, summary, changes }: AnonymizationView): Answer => {
  if (changes !== null) return { status: 200, pieces: changesText(summary, changes) };
  return lists === null
    ? { status: 200, body: shownSummary(summary) }
    : { status: 200, pieces: listsText(actor, lists, summary) };
};

async function* listsText(
  actor: Actor,
  lists: AnonymizationLists,
  { late }: Pick<AnonymizationSummary, 'late'>,
): AsyncGenerator<string> {
  yield '{"users":';
  yield* jsonArray([lists.users], ({ user, site }) => userText(actor, user, site));
  yield `,"sites":${JSON.stringify(lists.sites.map(siteSummary))}`;
  for (const type of activityTypes) {
    yield `,"${type.plural}":`;
    yield* jsonArray([lists[type.plural]], (row) => contributionText(type, row));
  }
  yield late === undefined ? '}' : `,"late":${late}}`;
}

/** What a `do-` call can be bound to. Source: anonymization.md §4. */
export const digestHeaders = ({ summary: { digest } }: AnonymizationView): Readonly<Record<string, string>> => ({
  ETag: `"${digest}"`,
  'X-Plan-Digest': digest,
});

/** What a `do-` call answers; a repeat shows the summary, as the records are gone. Source: anonymization.md §4. */
export const anonymizedAnswer = (done: Anonymized): Answer =>
  done.kind === 'replayed'
    ? { status: 200, headers: { 'Idempotency-Replayed': 'true' }, body: done.summary }
    : {
        ...anonymizationAnswer(done.view),
        headers: {
          ...oauthHeaders(done.view.actor, done.oauth),
          'X-Plan-Digest': done.view.summary.digest,
          ...(done.operation === null ? {} : { Location: operationAddress(done.operation) }),
          ...(done.receipt === null ? {} : receiptLink(done.receipt)),
        },
      };

/** The person's own proof. Source: anonymization.md §5. */
export const receiptLink = (address: string): Readonly<Record<string, string>> => ({
  Link: `</receipts/${address}>; rel="receipt"`,
});

/** How far it is, for who made the call. */
const operationAddress = (operation: string): string => `/api/operation/${operation}`;

/**
 * What became of the person, and of their values for these sites, at the OAuth server; why they were kept, which says where else
 * they are, for platform admins only; nothing where nobody else may hear of it. Source: anonymization.md §2, §3 and §5.
 */
export const oauthHeaders = (actor: Actor, outcome: OauthOutcome | null): Readonly<Record<string, string>> => {
  if (outcome === null) return {};
  const { removal, values } = outcome;
  return {
    'X-OAuth-Removal': isPlatformAdmin(actor) ? removal : (removal.split(';', 1)[0] ?? ''),
    'X-OAuth-Values': values,
  };
};

/**
 * One site's part: nothing that it shares with the person's rows elsewhere (the operation, the digest, the actor's id, which is the
 * person's own where they did it themselves), and the moment only to the second, as `anonymizedAt` has it.
 */
export const statusBody = ({ part, oauth, whole }: AnonymizationStatus): object => ({
  ...partBody(part),
  at: toTheSecond(part.at),
  by: { kind: part.actorKind },
  ...(oauth === null ? {} : { oauth }),
  ...(whole === null ? {} : { whole: wholeBody(whole) }),
});

const partBody = (row: AuditRow): object => {
  const { userId, siteId, at, call, disposition } = row;
  return { userId, siteId, at: at.toISOString(), call, disposition, counts: countsOf(row) };
};

const wholeBody = ({ touched, rows, outcomes, receipt }: NonNullable<AnonymizationStatus['whole']>): object => {
  const [first] = touched;
  return {
    id: first.operation,
    operation: operationAddress(first.operation),
    receipt: `/receipts/${receipt}`,
    reason: first.reason,
    digest: first.digest,
    by: askedBy(first),
    rows: rows.map(partBody),
    outcomes: outcomes.map(({ at, call, oauth }) => ({ at: at.toISOString(), call, outcome: oauth })),
  };
};

/** How far a call is. Source: anonymization.md §5. */
export const operationBody = ({ claims, oauth, receipt }: Operation): object => {
  const { operation, oauth: signed, ...said } = claims;
  const isWaiting = oauth?.removal === 'pending' || oauth?.values === 'pending';
  return {
    id: operation,
    ...said,
    ...(oauth === null
      ? {}
      : { state: isWaiting ? 'running' : 'done', oauth: { ...oauth, settledAt: signed?.settledAt ?? null } }),
    receipt: `/receipts/${receipt}`,
  };
};

const toTheSecond = (at: Date): string => `${at.toISOString().slice(0, 19)}.000Z`;

/** The summary, and what it would look like; as JSON in pieces, with others' turns between the rows. Source: people.md §2. */
export async function* changesText(
  summary: AnonymizationSummary,
  { rows, stays, goes }: AnonymizationChanges,
): AsyncGenerator<string> {
  const numbers = JSON.stringify(shownSummary({ ...summary, oauth: null }));
  yield `${numbers.slice(0, -1)},"rows":`;
  yield* firstText(rows, rowText);
  let before = ',"stays":{';
  for (const type of activityTypes.filter(({ listed }) => listed === 'what-stays')) {
    yield `${before}"${type.plural}":`;
    yield* firstText(stays[type.plural], (one) =>
      JSON.stringify({ ...contributionBody(type, one), shownAs: one.shownAs }),
    );
    before = ',';
  }
  yield '}';
  for (const type of activityTypes.filter(({ listed }) => listed === 'what-goes')) {
    const contributionJson = (one: ConcernedContribution): string => JSON.stringify(contributionBody(type, one));
    yield `,"${type.plural}":{"stays":`;
    yield* firstText(stays[type.plural], contributionJson);
    yield ',"goes":';
    yield* firstText(goes[type.plural], contributionJson);
    yield '}';
  }
  const sentence = summary.oauth === null ? null : oauthSentences[summary.oauth];
  yield `,"oauth":${JSON.stringify({ fate: summary.oauth, sentence })}}`;
}

type Kind = ActivityType<string, ActivityPlural>;

/** What becomes of the person at the OAuth server. Why somebody is kept would say where else they are. */
export const oauthSentences = {
  removed: 'The person is removed at the OAuth server, unless they are needed there for something else.',
  kept: 'Nothing is removed at the OAuth server but what it holds of the person for these sites only.',
} as const satisfies Readonly<Record<NonNullable<AnonymizationSummary['oauth']>, string>>;

async function* firstText<T>({ number, first }: First<T>, textOf: (one: T) => string): AsyncGenerator<string> {
  yield `{"number":${number},"first":`;
  yield* jsonArray([first], textOf);
  yield '}';
}

/** By its own title, or that of the idea under which it stands. */
const contributionBody = ({ belongsTo }: Kind, { id, site, title, idea }: ConcernedContribution): object => ({
  id,
  site: siteBody(site),
  ...(belongsTo === 'site' ? { title } : { idea: idea === null ? null : { id: idea.id, title: idea.title } }),
});

const siteBody = (site: Site | null): object | null => (site === null ? null : { id: site.id, title: site.title });

/** Values of extraData have the digits that they were given. */
const rowText = ({ user, site, changes }: ChangedRow): string => {
  const { extraData } = user;
  const shown = changes.flatMap(({ key }) => (key === undefined ? [] : [[key, extraData[key] ?? null] as const]));
  const exact = exactTexts(Object.fromEntries(shown), extraData);
  const texts = changes.map((change) => changeText(change, exact));
  return `{"id":${user.id},"site":${JSON.stringify(siteBody(site))},"changes":${listText(texts)}}`;
};

const changeText = ({ field, key, before, after }: FieldChange, exact: ReadonlyMap<string, string>): string => {
  const [name, value] = key === undefined ? ['', valueText(before)] : [`"key":${JSON.stringify(key)},`, exact.get(key)];
  return `{"field":${JSON.stringify(field)},${name}"before":${value ?? 'null'},"after":${valueText(after)}}`;
};
