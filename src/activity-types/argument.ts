import { activityType, shown, textOrEmpty, unshown } from './definition.ts';

export const argument = activityType({
  name: 'argument',
  plural: 'arguments',
  table: 'arguments',
  label: 'reactie',
  belongsTo: 'idea',
  columns: {
    id: shown('number'),
    parentId: shown('number'),
    ideaId: shown('number'),
    userId: shown('number'),
    sentiment: shown('text'),
    description: shown('text'),
    label: shown('text'),
    createdAt: shown('date'),
    updatedAt: shown('date'),
    deletedAt: unshown('date'),
  },
  whenAnonymized: () => 'keep',
  whenHidden: 'keep',
  listed: 'what-stays',
  countsAs: 'message',
  isPublic: () => true,
  line: (row) => textOrEmpty(row['description']),
});
