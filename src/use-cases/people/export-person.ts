import type { KeptBy } from '../../ports/people.ts';
import type { Ports } from '../../ports/index.ts';
import { mustStillCount } from '../actor-now.ts';
import { recordLook } from '../audit/record-look.ts';
import type { ExportOptions, ExportPart, OnePerson } from './commands.ts';
import { exportRows, type ExportNeeds } from './export-rows.ts';
import { findPerson, keptBy, keptFacts, noSuchPerson } from './find-person.ts';

type Needs = Pick<Ports, 'persons' | 'users' | 'clients' | 'facts' | 'sites'> &
  ExportNeeds &
  Parameters<typeof recordLook>[0];

export interface ExportPersonCommand extends OnePerson, ExportOptions {}

/**
 * Everything that is kept of a person at the client's sites (`exportRows`), and what the client keeps of them. A look in the audit comes
 * before all of it. Faults: `user-not-found` before the first part; `unauthenticated` before any, where the client counts no more; those of
 * `inTurn`. Source: management-api.md §2.
 */
export const exportPerson = (ports: Needs) =>
  async function* ({ tellsNothing = false, inTurn, ...command }: ExportPersonCommand): AsyncGenerator<ExportPart> {
    const { actor } = command;
    const { siteIds } = actor.client;
    yield* exportRows(ports, {
      inTurn,
      find: async () => {
        const found = await findPerson(ports, command);
        if (found === null) throw noSuchPerson();
        const rows = found.all.filter(({ siteId }) => siteId !== null && siteIds.includes(siteId));
        return {
          ...{ rows, all: found.all, siteIds },
          facts: factsOf(ports, keptBy(actor, found)),
          recorded: async () => {
            if (!tellsNothing) await recordLook(ports, 'export', actor, rows);
          },
        };
      },
      stillCounts: async () => {
        await mustStillCount(ports, actor, siteIds);
      },
    });
  };

const factsOf =
  ({ facts }: Needs, kept: KeptBy | null) =>
  async (): Promise<ExportPart['rows']> => {
    const { isExpert, isSelected, points, score } = await keptFacts({ facts }, kept);
    return [{ isExpert, isSelected, points, score }];
  };
