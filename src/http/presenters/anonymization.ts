import { activityTypes } from '../../activity-types/index.ts';
import { isPlatformAdmin, type Actor } from '../../domain/actor.ts';
import { siteSummary } from '../../domain/sites/site.ts';
import type { AnonymizationView, Anonymized } from '../../use-cases/anonymization/commands.ts';
import { shownSummary } from '../../use-cases/anonymization/view.ts';
import type { OauthOutcome } from '../../use-cases/outbox/deliver-message.ts';
import type { Answer } from '../route.ts';
import { contributionText } from './contribution-text.ts';
import { listText } from './json-text.ts';
import { userText } from './user-text.ts';

/** The six lists (`users` as they were before, and as this actor may see them), or the summary; as JSON. Source: anonymization.md §1. */
export const anonymizationText = (actor: Actor, { lists, summary }: AnonymizationView): string => {
  if (lists === null) return JSON.stringify(shownSummary(summary));
  const users = lists.users.map(({ user, site }) => userText(actor, user, site));
  const contributions = activityTypes.map(
    (type) => `,"${type.plural}":${listText(lists[type.plural].map((row) => contributionText(type, row)))}`,
  );
  return `{"users":${listText(users)},"sites":${JSON.stringify(lists.sites.map(siteSummary))}${contributions.join('')}}`;
};

/** What a `do-` call can be bound to. Source: anonymization.md §4. */
export const digestHeaders = ({ summary: { digest } }: AnonymizationView): Readonly<Record<string, string>> => ({
  ETag: `"${digest}"`,
  'X-Plan-Digest': digest,
});

/** What a `do-` call answers; a repeat shows the summary, as the records are gone. Source: anonymization.md §4. */
export const anonymizedAnswer = (actor: Actor, done: Anonymized): Answer =>
  done.kind === 'replayed'
    ? { status: 200, headers: { 'Idempotency-Replayed': 'true' }, body: done.summary }
    : {
        status: 200,
        headers: {
          ...oauthHeaders(actor, done.oauth),
          'X-Plan-Digest': done.view.summary.digest,
          ...(done.operation === null ? {} : { Location: operationAddress(done.operation) }),
          ...(done.receipt === null ? {} : receiptLink(done.receipt)),
        },
        json: anonymizationText(actor, done.view),
      };

/** The person's own proof. Source: anonymization.md §5. */
export const receiptLink = (address: string): Readonly<Record<string, string>> => ({
  Link: `</receipts/${address}>; rel="receipt"`,
});

/** How far it is, for who made the call. */
export const operationAddress = (operation: string): string => `/api/operation/${operation}`;

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
