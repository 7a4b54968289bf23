import { DataTypes, type ModelAttributeColumnOptions, type ModelAttributes } from 'sequelize';
import type { ActivityType, Column } from '../../activity-types/definition.ts';
import { ruleOf, userFieldNames, type Shape } from '../../domain/users/user-fields.ts';

type Attribute = ModelAttributeColumnOptions;

/** The attributes of `users`, from THE table. What the columns really are is said by the migrations. */
export const userAttributes = (): ModelAttributes =>
  Object.fromEntries(userFieldNames.map((field) => [field, field === 'id' ? key : attributeOf(ruleOf(field).shape)]));

export const activityAttributes = (type: ActivityType, isMysql: boolean): ModelAttributes =>
  Object.fromEntries(
    Object.entries(type.columns).map(([name, { kind }]) => [name, name === 'id' ? key : columnOf(kind, isMysql)]),
  );

export const key: Attribute = { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true };

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
