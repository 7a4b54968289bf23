import { useCasesOf, type StoryName } from '../support/crashing/stories.ts';
import type { Request } from '../support/crashing/instance.ts';
import type { Inhabitant, Settled } from '../support/crashing/small-world.ts';
import type { Misbehaviour } from '../support/misbehaving-server.ts';

/** What whoever needs the server is told by each misbehaviour. Source: user-api.md §5. */
export const statuses = {
  refuse: 502,
  hang: 504,
  'json-500': 502,
  'html-500': 502,
  'html-200': 502,
  'malformed-json': 502,
  '401': 502,
  '429': 502,
  redirect: 502,
  'slow-body': 504,
  drip: 504,
  'huge-body': 502,
  reset: 502,
  'lose-reply': 502,
} as const satisfies Record<Exclude<Misbehaviour, 'pass'>, number>;
export type Mode = keyof typeof statuses;
export const modes = Object.keys(statuses) as Mode[];

/** On which calls the server misbehaves. */
export const patterns = {
  'all calls': undefined,
  'its writes': /^POST/,
  'its write of a role': /^POST \/api\/admin\/user\/\d+$/,
} as const;
type Where = keyof typeof patterns;

export interface Case {
  readonly story: StoryName;
  readonly where: Where;
  readonly mode: Mode;
  /** Each case has people of its own. */
  readonly number: number;
}

/** All of a use case's, as rows for `it.each`. */
export const casesOf = (story: StoryName): readonly (readonly [Mode, Where, Case])[] =>
  (Object.keys(patterns) as Where[])
    .filter((where) => where !== 'its write of a role' || story === 'create of a new person')
    .flatMap((where) =>
      // A closed door is closed for all calls.
      modes.filter((mode) => mode !== 'refuse' || where === 'all calls').map((mode) => ({ story, where, mode })),
    )
    .map((one, number) => [one.mode, one.where, { ...one, number }]);

interface People {
  readonly everywhere: Inhabitant;
  readonly onlyHere: Inhabitant;
  readonly onlyThere: Inhabitant;
  readonly newMail: string;
}
const peopleOf = (number: number): People => ({
  everywhere: { externalId: 1000 + number, siteIds: [1, 2, 3] },
  onlyHere: { externalId: 2000 + number, siteIds: [1] },
  onlyThere: { externalId: 3000 + number, siteIds: [2] },
  newMail: `new${number}@example.org`,
});

/** Enough of them for the use case with the most cases. */
export const everybody: readonly People[] = Array.from({ length: 3 * modes.length }, (_, number) => peopleOf(number));

export const requestOf = ({ story, number }: Case, settled: Settled): Request =>
  useCasesOf(peopleOf(number))[story](settled);
