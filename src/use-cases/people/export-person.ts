import type { Ports } from '../../ports/index.ts';
import { mustStillCount } from '../actor-now.ts';
import { recordLook } from '../audit/record-look.ts';
import type { ExportPart, OnePerson } from './commands.ts';
import { exportRows, type ExportNeeds } from './export-rows.ts';
import { findPerson, noSuchPerson, toldFacts } from './find-person.ts';

type Needs = Pick<Ports, 'persons' | 'users' | 'clients' | 'facts' | 'sites'> &
  ExportNeeds &
  Parameters<typeof recordLook>[0];

/**
 * Everything that is kept of a person at the client's sites (`exportRows`), and what the client keeps of them. A look in the audit comes
 * before all of it. Fault `user-not-found` before the first part; `unauthenticated` before any, where the client counts no more. Source: management-api.md §2.
 */
export const exportPerson = (ports: Needs) =>
  async function* (command: OnePerson): AsyncGenerator<ExportPart> {
    const found = await findPerson(ports, command);
    if (found === null) throw noSuchPerson();
    const { siteIds } = command.actor.client;
    const rows = found.all.filter(({ siteId }) => siteId !== null && siteIds.includes(siteId));
    yield* exportRows(ports, {
      ...{ rows, all: found.all, siteIds },
      recorded: () => recordLook(ports, 'export', command.actor, rows),
      facts: async () => {
        const { isExpert, isSelected, points, score } = await toldFacts(ports, command.actor, found);
        return [{ isExpert, isSelected, points, score }];
      },
      stillCounts: async () => {
        await mustStillCount(ports, command.actor, siteIds);
      },
    });
  };
