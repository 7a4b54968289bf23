import { DataTypes, type Model, type ModelAttributes, type ModelStatic, type Sequelize } from 'sequelize';
import { byActivity, type ByActivity } from '../../activity-types/index.ts';
import { activityAttributes, key, userAttributes } from './models.ts';

export type Row = Readonly<Record<string, unknown>>;
export type Table = ModelStatic<Model<Row, Row>>;

/** All tables as Sequelize models, one set for both databases. The stores speak SQL where one statement must do for many rows. */
export interface Rows extends ByActivity<Table> {
  readonly sites: Table;
  readonly users: Table;
  readonly persons: Table;
  readonly outbox: Table;
  readonly leases: Table;
  readonly tombstones: Table;
  readonly userCounts: Table;
}

export const defineRows = (sequelize: Sequelize): Rows => {
  const isMysql = sequelize.getDialect() === 'mysql';
  const table = (name: string, attributes: ModelAttributes): Table =>
    sequelize.define<Model<Row, Row>>(name, copied(attributes), { tableName: name, timestamps: false });
  return {
    ...byActivity((type) => table(type.table, activityAttributes(type, isMysql))),
    sites: table('sites', siteAttributes),
    users: table('users', userAttributes()),
    persons: table('civitas_persons', personAttributes),
    outbox: table('civitas_outbox', outboxAttributes),
    leases: table('civitas_leases', leaseAttributes),
    tombstones: table('civitas_tombstones', tombstoneAttributes),
    userCounts: table('civitas_user_counts', countAttributes),
  };
};

/** Sequelize writes into the attributes that it is given, and ours are shared. */
const copied = (attributes: ModelAttributes): ModelAttributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [
      name,
      typeof attribute === 'object' && 'type' in attribute ? { ...attribute } : attribute,
    ]),
  );

const exact = DataTypes.STRING(191);
const moment = DataTypes.DATE(3);

const siteAttributes: ModelAttributes = {
  id: key,
  name: DataTypes.STRING,
  title: DataTypes.STRING,
  domain: DataTypes.STRING,
  config: DataTypes.JSON,
  hostStatus: DataTypes.JSON,
  areaId: DataTypes.INTEGER,
  createdAt: DataTypes.DATE,
  updatedAt: DataTypes.DATE,
  deletedAt: DataTypes.DATE,
};
const personAttributes: ModelAttributes = {
  id: key,
  issuer: exact,
  externalId: exact,
  fetchedAt: moment,
  state: DataTypes.STRING(32),
  createdByUs: DataTypes.BOOLEAN,
  isUnclaimed: DataTypes.BOOLEAN,
  loginSetAt: DataTypes.STRING(255),
  hasUnsaidFields: DataTypes.BOOLEAN,
  version: DataTypes.INTEGER,
  createdAt: moment,
};
const outboxAttributes: ModelAttributes = {
  id: key,
  topic: DataTypes.STRING(64),
  key: exact,
  payload: DataTypes.TEXT,
  mac: DataTypes.STRING(64),
  dueAt: moment,
  attempts: DataTypes.INTEGER,
  claim: DataTypes.STRING(36),
  claimedUntil: moment,
  lastError: DataTypes.STRING(64),
  createdAt: moment,
};
const leaseAttributes: ModelAttributes = {
  name: { type: exact, primaryKey: true },
  token: DataTypes.STRING(36),
  expiresAt: moment,
};
const tombstoneAttributes: ModelAttributes = {
  fingerprint: { type: DataTypes.STRING(64), primaryKey: true },
  expiresAt: moment,
};
const countAttributes: ModelAttributes = {
  siteId: { type: DataTypes.INTEGER, primaryKey: true },
  listableByRole: { type: DataTypes.STRING(32), primaryKey: true },
  n: DataTypes.INTEGER,
};
