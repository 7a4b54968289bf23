import { Fault } from '../../domain/fault.ts';
import type { Ports } from '../../ports/index.ts';
import type { ListQuery, Position } from '../../ports/user-store.ts';

/** What a cursor is good for: another site, role, order, filter or search would walk another list. */
const boundTo = ({ siteId, role, sort, conditions, search }: ListQuery): string =>
  JSON.stringify([siteId, role, sort, conditions, ...(search === undefined ? [] : [search.words])]);

/** A place in a list, for whoever asks for what is behind it. */
export const sealedCursor = (secrets: Ports['secrets'], query: ListQuery, position: Position): string =>
  secrets.seal('cursor', JSON.stringify([boundTo(query), position.value, position.id]));

/** The place. Faults: `malformed-request` for what is no cursor of this list. */
export const openedCursor = (secrets: Ports['secrets'], query: ListQuery, cursor: string): Position => {
  const opened = secrets.open('cursor', cursor);
  // What opens was sealed by us, so its form is known.
  const [bound, value, id] = opened === null ? [] : (JSON.parse(opened) as [string, Position['value'], number]);
  if (bound !== boundTo(query) || value === undefined || id === undefined) {
    throw new Fault('malformed-request', {
      errors: [
        {
          pointer: 'cursor',
          detail: 'is not a cursor of this list: take it from metadata.cursor, with the same sort, filter and q',
        },
      ],
    });
  }
  return { value, id };
};
