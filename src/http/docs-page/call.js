import { block, element, filledWhenOpened, prose, readable } from './elements.js';
import { kindOf, shapeOf } from './shapes.js';
import { tryIt } from './try-it.js';

/**
 * @typedef {import('./shapes.js').Schema} Schema
 * @typedef {{ readonly schema?: Schema, readonly example?: unknown,
 *   readonly examples?: Readonly<Record<string, unknown>> }} Content
 * @typedef {Readonly<Record<string, Content>>} Contents
 * @typedef {{ readonly name: string, readonly in: 'path' | 'query' | 'header', readonly required?: boolean,
 *   readonly description?: string, readonly schema: Schema }} Parameter
 * @typedef {{ readonly description: string, readonly content?: Contents }} Response
 * @typedef {{ readonly status: number, readonly headers: Readonly<Record<string, string>>, readonly body: string }} Answered
 * @typedef {{
 *   readonly operationId: string, readonly summary: string, readonly description: string, readonly tags: readonly string[],
 *   readonly security: readonly Readonly<Record<string, readonly string[]>>[], readonly parameters: readonly Parameter[],
 *   readonly requestBody?: { readonly content: Contents }, readonly responses: Readonly<Record<string, Response>>,
 *   readonly 'x-codeSamples'?: readonly { readonly source: string }[], readonly 'x-answer'?: Answered,
 * }} Operation
 * @typedef {{ readonly method: string, readonly path: string, readonly operation: Operation }} Call
 * @typedef {{ readonly schemas: import('./shapes.js').Schemas,
 *   readonly credentials: import('./credentials.js').Credentials }} Around
 */

/**
 * One call: its line, and what is under it once that is opened.
 * @param {Call} call
 * @param {Around} around
 * @returns {HTMLDetailsElement}
 */
export const callElement = (call, around) => {
  const { method, path, operation } = call;
  const line = element(
    'summary',
    {},
    element('span', { class: `method ${method}` }, method.toUpperCase()),
    element('code', { class: 'path' }, wrappable(path)),
    element('span', { class: 'does' }, operation.summary),
  );
  return filledWhenOpened(element('details', { class: 'call', id: operation.operationId }, line), () =>
    inside(call, around),
  );
};

/**
 * A path breaks before its slashes, where the window is narrow.
 * @param {string} path
 */
const wrappable = (path) => path.split('/').flatMap((part, at) => (at === 0 ? [part] : [element('wbr'), `/${part}`]));

/**
 * @param {Call} call
 * @param {Around} around
 */
const inside = (call, around) => {
  const { operation } = call;
  const sections = [
    section('Try it', tryIt(call, around)),
    section('What the demo answered', example(operation)),
    section('What it takes in its body', takes(operation, around)),
    section('What it can answer', answers(operation, around)),
  ];
  return element(
    'div',
    { class: 'inside' },
    element('p', {}, element('strong', {}, 'Who may: '), prose(operation.description)),
    ...sections,
  );
};

/**
 * @param {string} title
 * @param {HTMLElement | null} content
 */
const section = (title, content) =>
  content === null ? null : element('section', {}, element('h3', {}, title), content);

/** @param {Operation} operation */
const example = ({ 'x-codeSamples': samples = [], 'x-answer': answered }) => {
  const [sample] = samples;
  if (sample === undefined || answered === undefined) return null;
  const { status, headers, body } = answered;
  const head = [`${status}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join('\n');
  return element(
    'div',
    {},
    block(sample.source, 'the call'),
    block(body === '' ? head : `${head}\n\n${readable(body)}`, 'its answer'),
    element('p', { class: 'note' }, '… stands for what differs each time: tokens, digests, ids of requests.'),
  );
};

/**
 * @param {Operation} operation
 * @param {Around} around
 */
const takes = ({ requestBody }, { schemas }) => {
  const [content] = Object.values(requestBody?.content ?? {});
  return content?.schema === undefined ? null : shapeOf(content.schema, schemas);
};

/**
 * @param {Operation} operation
 * @param {Around} around
 */
const answers = ({ responses }, { schemas }) =>
  element(
    'ul',
    { class: 'answers' },
    Object.entries(responses).map(([status, { description, content = {} }]) => {
      const codes = Object.values(content).flatMap(({ examples = {} }) => Object.keys(examples));
      const [first] = Object.values(content);
      const isGood = Number(status) < 400;
      return element(
        'li',
        {},
        element('strong', {}, status),
        ' ',
        codes.length > 0 ? codes.flatMap(problemLink) : prose(description),
        isGood && first?.schema !== undefined ? goodShape(first.schema, schemas) : null,
      );
    }),
  );

/**
 * @param {string} code
 * @param {number} at
 */
const problemLink = (code, at) => [at === 0 ? '' : ', ', element('a', { href: `#problem-${code}` }, code)];

/**
 * @param {Schema} schema
 * @param {import('./shapes.js').Schemas} schemas
 */
const goodShape = (schema, schemas) => {
  const shape = shapeOf(schema, schemas);
  return shape === null
    ? element('span', { class: 'kind' }, ` ${kindOf(schema)}`)
    : element('details', {}, element('summary', {}, `what it holds: ${kindOf(schema)}`), shape);
};
