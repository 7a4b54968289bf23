import { element, filledWhenOpened, prose } from './elements.js';

/**
 * @typedef {{
 *   readonly $ref?: string, readonly type?: string | readonly string[], readonly format?: string,
 *   readonly description?: string, readonly enum?: readonly unknown[], readonly const?: unknown,
 *   readonly maxLength?: number, readonly minimum?: number, readonly maximum?: number, readonly default?: unknown,
 *   readonly properties?: Readonly<Record<string, Schema>>, readonly required?: readonly string[],
 *   readonly items?: Schema, readonly anyOf?: readonly Schema[], readonly oneOf?: readonly Schema[],
 *   readonly allOf?: readonly Schema[], readonly prefixItems?: readonly Schema[], readonly contentSchema?: Schema,
 * }} Schema
 * @typedef {Readonly<Record<string, Schema>>} Schemas
 */

/**
 * A reference as what it names.
 * @param {Schema} schema
 * @param {Schemas} schemas
 * @returns {Schema}
 */
const resolved = (schema, schemas) =>
  schema.$ref === undefined ? schema : (schemas[schema.$ref.replace('#/components/schemas/', '')] ?? {});

/**
 * What a value is, in a few words.
 * @param {Schema} schema
 * @returns {string}
 */
export const kindOf = (schema) => {
  if (schema.$ref !== undefined) return schema.$ref.replace('#/components/schemas/', '');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map(kindOf).join(' or ');
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.items !== undefined) return `list of ${kindOf(schema.items)}`;
  if (schema.contentSchema !== undefined) return `JSON: ${kindOf(schema.contentSchema)}`;
  if (schema.prefixItems !== undefined) return `list of ${schema.prefixItems.map(kindOf).join('; ')}`;
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['anything']);
  return `${types.join(' or ')}${boundsOf(schema)}`;
};

/** @param {Schema} schema */
const boundsOf = ({ format, maxLength, minimum, maximum }) => {
  const bounds = [
    format,
    maxLength === undefined ? undefined : `at most ${maxLength} characters`,
    minimum === undefined || minimum === 0 ? undefined : `from ${minimum}`,
    maximum === undefined ? undefined : `to ${maximum}`,
  ].filter((bound) => bound !== undefined);
  return bounds.length === 0 ? '' : ` (${bounds.join(', ')})`;
};

/**
 * The keys of an object, each with what it holds; what lies deeper is made when it is opened, as shapes name each other.
 * @param {Schema} given
 * @param {Schemas} schemas
 * @returns {HTMLElement | null} null where there are no keys to tell of
 */
export const shapeOf = (given, schemas) => {
  const schema = resolved(given, schemas);
  const inner = schema.items ?? schema.contentSchema;
  if (inner !== undefined) return shapeOf(inner, schemas);
  const choices = (schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []).filter((choice) => choice.type !== 'null');
  if (choices.length > 0) {
    const shapes = choices.flatMap((choice) => {
      const shape = shapeOf(choice, schemas);
      return shape === null ? [] : [element('p', {}, kindOf(choice), ':'), shape];
    });
    return shapes.length === 0 ? null : element('div', {}, shapes);
  }
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0) return null;
  return element(
    'dl',
    { class: 'shape' },
    properties.flatMap(([name, value]) => {
      const isAlways = (schema.required ?? []).includes(name);
      return [
        element('dt', {}, element('code', {}, name), isAlways ? element('small', {}, ' always') : null),
        element(
          'dd',
          {},
          element('span', { class: 'kind' }, kindOf(value)),
          value.description === undefined ? null : element('span', {}, ' – ', prose(value.description)),
          deeper(name, value, schemas),
        ),
      ];
    }),
  );
};

/**
 * @param {string} name
 * @param {Schema} schema
 * @param {Schemas} schemas
 * @returns {HTMLElement | null}
 */
export const deeper = (name, schema, schemas) => {
  const target = resolved(schema.items ?? schema.contentSchema ?? schema, schemas);
  const hasMore = [target.properties, target.anyOf, target.oneOf, target.allOf, target.items].some(
    (part) => part !== undefined,
  );
  if (!hasMore) return null;
  return filledWhenOpened(
    element('details', {}, element('summary', {}, `what ${name} holds`)),
    () => shapeOf(schema, schemas) ?? element('p', {}, kindOf(target)),
  );
};
