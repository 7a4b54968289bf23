import { activityType, personal, shown, textOrEmpty, unshown } from './definition.ts';

/** Votes are removed while the site's voting is active, else they stay without IP address; soft-deleted ones always go. */
export const vote = activityType({
  name: 'vote',
  plural: 'votes',
  table: 'votes',
  label: 'stem',
  belongsTo: 'idea',
  columns: {
    id: shown('number'),
    ideaId: shown('number'),
    userId: shown('number'),
    confirmed: shown('flag'),
    confirmReplacesVoteId: unshown('number'),
    ip: personal('text'),
    opinion: shown('text'),
    checked: unshown('flag'),
    createdAt: shown('date'),
    updatedAt: shown('date'),
    deletedAt: unshown('date'),
  },
  whenAnonymized: (site) => (site.votingIsActive ? 'remove' : 'anonymize'),
  whenHidden: 'remove',
  listed: 'what-goes',
  countsAs: 'vote',
  isPublic: (votesAreViewable) => votesAreViewable,
  line: (row) => textOrEmpty(row['opinion']),
});
