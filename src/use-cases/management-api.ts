import type { Ports } from '../ports/index.ts';
import type { UseCases } from './index.ts';
import { deleteRows } from './anonymization/delete-rows.ts';
import type { DeliverMessage } from './outbox/deliver-message.ts';
import { actingClient } from './clients/acting-client.ts';
import { anonymizePerson } from './people/anonymize-person.ts';
import { clients } from './clients/clients.ts';
import { deletePerson } from './people/delete-person.ts';
import { exportPerson } from './people/export-person.ts';
import { getPerson } from './people/get-person.ts';
import { listPeople } from './people/list-people.ts';
import { setFacts } from './people/set-facts.ts';
import { tokens } from './clients/tokens.ts';

export type ManagementUseCases = ReturnType<typeof managementUseCasesOf>;

/** Every use case of the management API; what anonymizes and deletes are the use cases of the site routes. */
export const managementUseCasesOf = (
  ports: Ports,
  useCases: Pick<UseCases, 'anonymizeUser'>,
  deliver: DeliverMessage,
) => ({
  ...actingClient(ports),
  ...tokens(ports),
  ...clients(ports),
  listPeople: listPeople(ports),
  getPerson: getPerson(ports),
  exportPerson: exportPerson(ports),
  setFacts: setFacts(ports),
  anonymizePerson: anonymizePerson(ports, useCases),
  deletePerson: deletePerson(ports, deleteRows(ports, deliver)),
});
