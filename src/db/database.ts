import type { Sequelize } from 'sequelize';

/** One open database. Being written: the shape is what others may rely on. */
export interface Database {
  readonly sequelize: Sequelize;
  close(): Promise<void>;
}
