import {
  DataTypes,
  type ModelAttributeColumnOptions,
  type ModelAttributes,
  type Model,
  type ModelStatic,
  type Sequelize,
} from 'sequelize';
import type { ActivityType, Column } from '../../activity-types/definition.ts';
import { byActivity, type ByActivity } from '../../activity-types/index.ts';
import { ruleOf, userFieldNames, type Shape } from '../../domain/users/user-fields.ts';

type Row = Readonly<Record<string, unknown>>;
type Table = ModelStatic<Model<Row, Row>>;

/** All tables as Sequelize models, one set for both databases. The stores speak SQL where one statement must do for many rows. */
export interface RowModels extends ByActivity<Table> {
  readonly sites: Table;
  readonly users: Table;
  readonly persons: Table;
  readonly outbox: Table;
  readonly leases: Table;
  readonly tombstones: Table;
  readonly userCounts: Table;
}

export const defineRows = (sequelize: Sequelize): RowModels => {
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

type Attribute = ModelAttributeColumnOptions;
const key: Attribute = { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true };
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
  slot: { type: DataTypes.INTEGER, primaryKey: true, defaultValue: 0 },
  n: DataTypes.INTEGER,
};

/** The attributes of `users`, from THE table. What the columns really are is said by the migrations. */
const userAttributes = (): ModelAttributes =>
  Object.fromEntries(userFieldNames.map((field) => [field, field === 'id' ? key : attributeOf(ruleOf(field).shape)]));

const activityAttributes = (type: ActivityType, isMysql: boolean): ModelAttributes =>
  Object.fromEntries(
    Object.entries(type.columns).map(([name, { kind }]) => [name, name === 'id' ? key : columnOf(kind, isMysql)]),
  );

const attributeOf = (shape: Shape): Attribute => {
  switch (shape.kind) {
    case 'text':
    case 'name':
    case 'email':
      return { type: DataTypes.STRING(shape.maxLength) };
    case 'role':
    case 'userRole':
    case 'gender':
      return { type: DataTypes.STRING(32) };
    case 'number':
    case 'flag':
    case 'date':
    case 'json':
      return columnOf(shape.kind, false);
  }
};

const columnOf = (kind: Column['kind'], isMysql: boolean): Attribute => {
  switch (kind) {
    case 'number':
      return { type: DataTypes.INTEGER };
    case 'text':
      return { type: DataTypes.TEXT };
    case 'flag':
      return { type: DataTypes.BOOLEAN };
    case 'date':
      return { type: DataTypes.DATE };
    case 'json':
      return { type: DataTypes.JSON };
    case 'point':
      return { type: isMysql ? DataTypes.GEOMETRY('POINT') : DataTypes.JSON };
  }
};
