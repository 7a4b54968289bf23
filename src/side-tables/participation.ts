import { kept, personal, stamps, userId, type Dispositions, type SideTable } from './definition.ts';

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
export const participation: readonly SideTable[] = [
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
