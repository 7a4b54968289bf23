import type { Ports } from '../ports/index.ts';
import type { Stories } from '../users/commands.ts';
import { deleteRows } from '../users/delete-rows.ts';
import type { DeliverMessage } from '../users/deliver-message.ts';
import { actingClient } from './acting-client.ts';
import { anonymizePerson } from './anonymize-person.ts';
import { clients } from './clients.ts';
import type { ManagementStories } from './commands.ts';
import { deletePerson } from './delete-person.ts';
import { exportPerson } from './export-person.ts';
import { getPerson } from './get-person.ts';
import { listPeople } from './list-people.ts';
import { setFacts } from './set-facts.ts';
import { tokens } from './tokens.ts';

/** Every story of the management API; what anonymizes and deletes are the stories of the site routes. */
export const managementStoriesOf = (
  ports: Ports,
  stories: Pick<Stories, 'anonymizeUser'>,
  deliver: DeliverMessage,
): ManagementStories => ({
  ...actingClient(ports),
  ...tokens(ports),
  ...clients(ports),
  listPeople: listPeople(ports),
  getPerson: getPerson(ports),
  exportPerson: exportPerson(ports),
  setFacts: setFacts(ports),
  anonymizePerson: anonymizePerson(ports, stories),
  deletePerson: deletePerson(ports, deleteRows(ports, deliver)),
});
