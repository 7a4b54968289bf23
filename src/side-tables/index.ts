import type { PersonalTable } from '../activity-types/definition.ts';
import { activityTypes } from '../activity-types/index.ts';
import { type SideTable, kept, personal, secret, stamps, userId, type Dispositions } from './definition.ts';

/** As votes: removed while the site's voting is active, else they stay without IP address; soft-deleted ones always go. */
const asVotes: Dispositions = {
  whenAnonymized: ({ votingIsActive }) => (votingIsActive ? 'remove' : 'anonymize'),
  whenHidden: 'remove',
  whenDeleted: 'remove',
};
/** As ideas: what was written stands under the replaced name. */
const asIdeas: Dispositions = { whenAnonymized: () => 'keep', whenHidden: 'keep', whenDeleted: 'remove' };
/** Stays to be counted, without what the person said of themselves. */
const asAnswers: Dispositions = { whenAnonymized: () => 'anonymize', whenHidden: 'anonymize', whenDeleted: 'remove' };

/** What people did on a site beside ideas, arguments and votes. */
const participation: readonly SideTable[] = [
  {
    table: 'argument_votes',
    key: 'id',
    names: userId,
    columns: { ...stamps, argumentId: kept, userId: kept, ip: personal(), opinion: kept, checked: kept },
    ...asVotes,
  },
  {
    table: 'pollVotes',
    key: 'id',
    names: userId,
    columns: { ...stamps, pollId: kept, userId: kept, ip: personal(), choice: kept },
    ...asVotes,
  },
  {
    table: 'budgetVotes',
    key: 'id',
    names: [{ column: 'userId', holds: 'user-id-as-text' }],
    columns: { ...stamps, siteId: kept, userId: kept, userIp: personal(), vote: kept },
    ...asVotes,
  },
  {
    table: 'polls',
    key: 'id',
    names: userId,
    columns: { ...stamps, ideaId: kept, userId: kept, status: kept, question: kept, choices: kept },
    ...asIdeas,
  },
  {
    table: 'submissions',
    key: 'id',
    names: userId,
    columns: {
      ...stamps,
      siteId: kept,
      userId: kept,
      formName: kept,
      status: kept,
      formId: kept,
      submittedData: personal('{}'),
    },
    ...asAnswers,
  },
  {
    table: 'choicesGuideResults',
    key: 'id',
    names: userId,
    columns: {
      ...stamps,
      choicesGuideId: kept,
      userId: kept,
      extraData: personal('{}'),
      userFingerprint: personal(),
      result: kept,
    },
    ...asAnswers,
  },
];

/** An address, and what was sent to it: nothing is left when that is taken out. */
const asLetters: Dispositions = { whenAnonymized: () => 'remove', whenHidden: 'remove', whenDeleted: 'remove' };

const correspondence: readonly SideTable[] = [
  {
    table: 'newslettersignups',
    key: 'id',
    names: [
      { column: 'email', holds: 'email', siteColumn: 'siteId' },
      { column: 'externalUserId', holds: 'external-id', siteColumn: 'siteId' },
    ],
    columns: {
      ...stamps,
      siteId: kept,
      email: personal(),
      firstName: personal(),
      lastName: personal(),
      externalUserId: personal(),
      confirmed: kept,
      extraData: personal('{}'),
      confirmToken: secret(),
      signoutToken: secret(),
    },
    ...asLetters,
  },
  {
    table: 'notifications',
    key: 'id',
    names: [{ column: 'to', holds: 'email' }],
    columns: {
      ...stamps,
      subject: personal(),
      status: kept,
      to: personal(''),
      from: kept,
      type: kept,
      body: personal(),
    },
    ...asLetters,
  },
  {
    table: 'notification_recipients',
    key: 'id',
    // A fixed address is where a site wants its mail: its setting, whoever reads there.
    names: [{ column: 'value', holds: 'email', unless: { column: 'emailType', is: 'fixed' } }],
    columns: { ...stamps, notificationRulesetId: kept, emailType: kept, value: personal() },
    ...asLetters,
  },
];

/** What the machinery wrote down on the way. */
const workings: readonly SideTable[] = [
  {
    table: 'actions',
    key: 'id',
    names: userId,
    columns: {
      ...stamps,
      siteId: kept,
      accountId: kept,
      status: kept,
      priority: kept,
      name: kept,
      type: kept,
      runDate: kept,
      finished: kept,
      settings: kept,
      conditions: kept,
      action: kept,
      userId: kept,
    },
    // A site's automation goes on without who set it up.
    whenAnonymized: () => 'keep',
    whenHidden: 'keep',
    whenDeleted: 'unlink',
  },
  {
    table: 'actionRuns',
    key: 'id',
    names: userId,
    columns: { ...stamps, status: kept, message: personal(), userId: kept },
    whenAnonymized: () => 'anonymize',
    whenHidden: 'anonymize',
    whenDeleted: 'clear',
  },
  {
    table: 'logs',
    key: 'id',
    names: [...userId, { column: 'email', holds: 'email' }],
    columns: {
      ...stamps,
      status: kept,
      name: kept,
      type: kept,
      email: personal(''),
      userId: kept,
      actionId: kept,
      extraData: personal(),
    },
    whenAnonymized: () => 'anonymize',
    whenHidden: 'anonymize',
    whenDeleted: 'clear',
  },
  {
    table: 'auth_tokens',
    key: 'uid',
    names: [{ column: 'uid', holds: 'user-id' }],
    columns: {
      uid: kept,
      hashedToken: secret(''),
      originUrl: personal(),
      validUntil: kept,
      createdAt: kept,
      updatedAt: kept,
    },
    whenAnonymized: () => 'remove',
    whenHidden: 'remove',
    whenDeleted: 'remove',
  },
];

/**
 * The list: every table beside the six that holds something of a user in an OpenStad database. They are reached where they
 * exist; a fresh database has none of them. Not in any answer, but in the digest of a plan. See docs/adr/0005.
 */
export const sideTables: readonly SideTable[] = [...participation, ...correspondence, ...workings];

/** Every table but `users` that holds something of people: what is not in here is a gap. */
export const personalTables: readonly PersonalTable[] = [...activityTypes, ...sideTables];

/** Columns of the six tables that name a user who did not write the row. Kept by anonymizing, unlinked by deleting. */
export const sideReferences = [
  { table: 'articles', column: 'modBreakUserId' },
  { table: 'ideas', column: 'modBreakUserId' },
] as const;
