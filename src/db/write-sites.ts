import { exactText } from '../domain/exact-json.ts';
import { Fault } from '../domain/fault.ts';
import type { SiteStore } from '../ports/site-store.ts';
import type { Database } from './database.ts';
import { toTheSecond } from './rows/values.ts';
import { sql } from './sql.ts';

export const writeSites = (database: Database): Pick<SiteStore, 'insert' | 'save' | 'remove'> => {
  /** An adopted database may know areas. */
  const orNoSuchArea = async <T>(written: Promise<T>): Promise<T> => {
    try {
      return await written;
    } catch (error) {
      if (database.dialect.errorKind(error) !== 'referred-to') throw error;
      const wrong = { pointer: '/areaId', detail: 'names no area' };
      throw new Fault('invalid-values', { errors: [wrong] }, '/areaId: names no area', { cause: error });
    }
  };
  return {
    insert: ({ name, title, domain, areaId, config }, at) => {
      const now = toTheSecond(at);
      return orNoSuchArea(
        database.insert(
          sql`INSERT INTO sites (name, title, domain, config, hostStatus, areaId, createdAt, updatedAt)
              VALUES (${name}, ${title}, ${domain}, ${JSON.stringify(config)}, '{}', ${areaId}, ${now}, ${now})`,
        ),
      );
    },
    save: async (id, { name, title, domain, areaId, config }, at) => {
      await orNoSuchArea(
        database.change(
          sql`UPDATE sites SET name = ${name}, title = ${title}, domain = ${domain}, config = ${exactText(config)},
              areaId = ${areaId}, updatedAt = ${toTheSecond(at)} WHERE id = ${id}`,
        ),
      );
    },
    remove: async (id, at) => {
      await database.change(sql`UPDATE sites SET deletedAt = ${toTheSecond(at)} WHERE id = ${id}`);
    },
  };
};
