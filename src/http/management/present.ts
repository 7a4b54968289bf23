import { activityTypes } from '../../activity-types/index.ts';
import type { ClientActor } from '../../use-cases/clients/commands.ts';
import type { ListedPeople, PersonView, AnonymizedPerson, DeletedPerson } from '../../use-cases/people/commands.ts';
import type { Answer } from '../route.ts';
import { oauthHeaders, receiptLink } from '../presenters/anonymization.ts';
import { withQuery, type Query } from '../requests/validate.ts';

const good = (data: unknown): object => ({ success: true, data });

/** As the manual shows it; keys that are not this client's to see are absent. Source: management-api.md §2. */
export const personBody = (person: PersonView): object => ({
  id: person.id,
  ...(person.uid === undefined ? {} : { uid: person.uid }),
  image_url: person.imageUrl,
  full_name: person.fullName,
  level:
    person.level === null ? null : { id: person.level.id, name: person.level.name, icon_url: person.level.iconUrl },
  score: person.score,
  slug: person.slug,
  points: person.points,
  description: person.description,
  created_at: person.createdAt,
  messages_count: person.messages,
  votes_count: person.votes,
  ...person.details,
});

export const personAnswer = (person: PersonView): Answer => ({ status: 200, body: good(personBody(person)) });

/** After a change: with the flags that it may have set. */
export const changedAnswer = (person: PersonView): Answer => ({
  status: 200,
  body: good({ ...personBody(person), is_expert: person.isExpert, is_selected: person.isSelected }),
});

/** A list as it was asked for. */
interface ListRequest {
  readonly path: string;
  readonly rawQuery: Query;
  readonly page: number;
  readonly perPage: number;
}

/** One page, with how many there are and where the others stand. */
export const peopleAnswer = (
  { path, rawQuery, page, perPage }: ListRequest,
  { people, total }: ListedPeople,
): Answer => {
  const last = Math.max(1, Math.ceil(total / perPage));
  const links: readonly (readonly [string, number])[] = [
    ['first', 1],
    ...(page > 1 ? [['prev', Math.min(page - 1, last)] as const] : []),
    ...(page < last ? [['next', page + 1] as const] : []),
    ['last', last],
  ];
  return {
    status: 200,
    headers: {
      Total: String(total),
      'Per-Page': String(perPage),
      Link: links.map(([rel, to]) => `<${withQuery(path, rawQuery, { page: to })}>; rel="${rel}"`).join(', '),
    },
    body: good(people.map(personBody)),
  };
};

export const anonymizedPersonAnswer = (
  actor: ClientActor,
  { digest, summary, oauth, receipt }: AnonymizedPerson,
): Answer => ({
  status: 200,
  headers: {
    ...oauthHeaders(actor, oauth),
    'X-Plan-Digest': digest,
    ...(receipt === null ? {} : receiptLink(receipt)),
  },
  body: good(summary),
});

export const deletedPersonAnswer = (actor: ClientActor, { users, removed, oauth, receipt }: DeletedPerson): Answer => ({
  status: 200,
  headers: { ...oauthHeaders(actor, oauth), ...(receipt === null ? {} : receiptLink(receipt)) },
  body: good({ users, ...removed }),
});

/** The keys that an export always has; side tables come beside them where they hold something. */
export const exportedKinds: readonly string[] = [
  'users',
  'facts',
  ...activityTypes.map(({ plural }) => plural),
  'sessions',
];
