import type { ActivityRow } from '../../src/activity-types/definition.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { startFakes } from '../support/fakes/index.ts';
import { aSite } from '../support/builders.ts';
import { describeStores } from './all.ts';
import type { Start } from './subject.ts';

const start: Start = async () => {
  const fakes = startFakes();
  return {
    stores: fakes,
    clock: fakes.clock,
    insert: async (table, row) => {
      if (table !== 'sites') {
        fakes.world.put.activity(table, row as ActivityRow);
        return;
      }
      const site = aSite({ ...row, config: row['config'] as JsonObject });
      if (row['deletedAt'] === null) fakes.world.put.site(site);
      else fakes.world.put.pastSite(site);
    },
    statements: () => null,
    close: async () => undefined,
  };
};

describeStores('the fakes', start);
