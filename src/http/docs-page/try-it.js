import { shown } from './credentials.js';
import { block, element, prose, readable } from './elements.js';
import { deeper, kindOf } from './shapes.js';

/**
 * @typedef {import('./call.js').Call} Call
 * @typedef {import('./call.js').Around} Around
 * @typedef {import('./call.js').Parameter} Parameter
 * @typedef {{ readonly value: () => string, readonly label: HTMLElement }} Field
 */

/** More of an answer than this is not shown: a browser would stand still over it. */
const most = 200_000;

/**
 * A form that makes the call. Everything in it begins empty, and what an address needs must be filled in by hand: no click writes
 * what nobody wrote.
 * @param {Call} call
 * @param {Around} around
 * @returns {HTMLElement}
 */
export const tryIt = (call, around) => {
  const { method, operation } = call;
  const parameters = operation.parameters.map((parameter) => ({
    parameter,
    field: parameterField(operation.operationId, parameter, around.schemas),
  }));
  const body = bodyFields(call);
  const output = element('div', { class: 'output', 'aria-live': 'polite' });
  const send = element('button', { type: 'submit' }, `Send ${method.toUpperCase()}`);
  const ask = async () => {
    send.disabled = true;
    output.replaceChildren(element('p', {}, 'Waiting for the answer …'));
    try {
      const request = requestOf(call, parameters, body, around);
      output.replaceChildren(...(await answerOf(request)));
    } catch (error) {
      output.replaceChildren(element('p', { class: 'failed' }, `No answer: ${String(error)}`));
    } finally {
      send.disabled = false;
    }
  };
  return element(
    'form',
    {
      class: 'try',
      autocomplete: 'off',
      onsubmit: (event) => {
        event.preventDefault();
        void ask();
      },
    },
    parameters.map(({ field }) => field.label),
    body === null ? null : body.element,
    element('p', {}, send),
    output,
  );
};

/**
 * @typedef {{ readonly address: string, readonly init: RequestInit & { readonly headers: Record<string, string> } }} Request
 */

/**
 * @param {Call} call
 * @param {readonly { readonly parameter: Parameter, readonly field: Field }[]} parameters
 * @param {Body | null} body
 * @param {Around} around
 * @returns {Request}
 */
const requestOf = ({ method, path, operation }, parameters, body, { credentials }) => {
  const given = shown(operation.security, credentials);
  const said = parameters
    .map(({ parameter, field }) => ({ name: parameter.name, place: parameter.in, value: field.value() }))
    .filter(({ value }) => value !== '');
  /** @param {Parameter['in']} place */
  const at = (place) => said.filter((one) => one.place === place);
  const query = new URLSearchParams([
    ...at('query').map(({ name, value }) => [name, value]),
    ...Object.entries(given.query),
  ]).toString();
  const filled = at('path').reduce((so, { name, value }) => {
    // It would change the path: another call would be sent than is shown.
    if (/^\.{1,2}$/.test(value)) throw new TypeError(`${name} is needed`);
    return so.replace(`{${name}}`, () => encodeURIComponent(value));
  }, path);
  const sent = body?.value() ?? null;
  return {
    address: `${filled}${query === '' ? '' : `?${query}`}`,
    init: {
      method: method.toUpperCase(),
      // The page shows what an answer is, also where a browser would be sent on; and no cookie of anybody goes along.
      redirect: 'manual',
      credentials: 'omit',
      cache: 'no-store',
      headers: {
        ...given.headers,
        ...Object.fromEntries(at('header').map(({ name, value }) => [name, value])),
        ...(sent === null ? {} : { 'Content-Type': sent.type }),
      },
      ...(sent === null ? {} : { body: sent.text }),
    },
  };
};

/**
 * @param {Request} request
 * @returns {Promise<readonly HTMLElement[]>}
 */
const answerOf = async ({ address, init }) => {
  const began = performance.now();
  const answer = await fetch(address, init);
  const text = await answer.text();
  const took = Math.round(performance.now() - began);
  const call = block(curlOf(address, init), 'the call, as curl makes it');
  if (answer.type === 'opaqueredirect')
    return [
      call,
      element('p', {}, 'It sends the browser on, which a page cannot look at. '),
      element(
        'p',
        {},
        element('a', { href: address, target: '_blank', rel: 'noreferrer' }, 'Open it in a tab of its own'),
      ),
    ];
  const head = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
  const shownText = text.length > most ? `${text.slice(0, most)}\n… (${text.length} characters)` : readable(text);
  return [
    call,
    element('p', { class: answer.ok ? 'well' : 'failed' }, `${answer.status} ${answer.statusText}, after ${took} ms`),
    element('details', {}, element('summary', {}, 'Headers'), block(head, 'the headers of the answer')),
    shownText === '' ? element('p', {}, 'Nothing in its body.') : block(shownText, 'the answer'),
  ];
};

/**
 * @param {string} address
 * @param {Request['init']} init
 */
const curlOf = (address, { method, headers, body }) =>
  [
    'curl',
    ...(method === 'GET' ? [] : ['-X', method ?? '']),
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(typeof body === 'string' ? [`-d ${quoted(body)}`] : []),
    quoted(new URL(address, location.href).href),
  ].join(' ');

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * @param {string} operationId
 * @param {Parameter} parameter
 * @param {import('./shapes.js').Schemas} schemas
 * @returns {Field}
 */
const parameterField = (operationId, { name, in: place, required = false, description, schema }, schemas) =>
  fieldOf({
    id: `${operationId}-${name}`,
    name,
    required,
    about: [place === 'path' ? '' : place === 'header' ? 'header' : 'query', kindOf(schema)].filter(Boolean).join(', '),
    description: description ?? '',
    choices: schema.enum?.map(String) ?? (schema.type === 'boolean' ? ['true', 'false'] : null),
    more: (schema.contentSchema ?? schema).$ref === undefined ? null : deeper(name, schema, schemas),
  });

/**
 * @param {{ readonly id: string, readonly name: string, readonly required: boolean, readonly about: string,
 *   readonly description: string, readonly choices: readonly string[] | null, readonly more?: HTMLElement | null }} said
 * @returns {Field}
 */
const fieldOf = ({ id, name, required, about, description, choices, more = null }) => {
  const attributes = { id, required, 'aria-describedby': `${id}-about` };
  const input =
    choices === null
      ? element('input', {
          ...attributes,
          type: 'text',
          autocomplete: 'off',
          autocapitalize: 'off',
          spellcheck: 'false',
        })
      : element(
          'select',
          attributes,
          element('option', { value: '' }, ''),
          choices.map((choice) => element('option', { value: choice }, choice)),
        );
  return {
    value: () => input.value.trim(),
    label: element(
      'div',
      { class: 'field' },
      element('label', { for: id }, element('code', {}, name), required ? element('small', {}, ' needed') : null),
      input,
      element('small', { id: `${id}-about` }, about, description === '' ? null : ['. ', ...prose(description)].flat()),
      more,
    ),
  };
};

/**
 * @typedef {{ readonly element: HTMLElement, readonly value: () => { readonly type: string, readonly text: string } | null }} Body
 */

/**
 * JSON is written by hand; a form has a field for each of its keys.
 * @param {Call} call
 * @returns {Body | null}
 */
const bodyFields = ({ operation }) => {
  const [found] = Object.entries(operation.requestBody?.content ?? {});
  if (found === undefined) return null;
  const [type, { schema = {} }] = found;
  if (type === 'application/json') return jsonField(operation.operationId);
  const fields = Object.entries(schema.properties ?? {}).map(([name, inner]) => ({
    name,
    field: fieldOf({
      id: `${operation.operationId}-form-${name}`,
      name,
      required: (schema.required ?? []).includes(name),
      about: 'form',
      description: inner.description ?? '',
      choices: inner.enum?.map(String) ?? null,
    }),
  }));
  return {
    element: element(
      'div',
      {},
      fields.map(({ field }) => field.label),
    ),
    value: () => {
      const said = fields.map(({ name, field }) => [name, field.value()]).filter(([, value]) => value !== '');
      return said.length === 0 ? null : { type, text: new URLSearchParams(said).toString() };
    },
  };
};

/**
 * @param {string} operationId
 * @returns {Body}
 */
const jsonField = (operationId) => {
  const id = `${operationId}-body`;
  const input = element('textarea', { id, rows: '4', spellcheck: 'false', 'aria-describedby': `${id}-about` });
  return {
    element: element(
      'div',
      { class: 'field whole' },
      element('label', { for: id }, 'Body'),
      input,
      element('small', { id: `${id}-about` }, 'JSON; empty: none is sent.'),
    ),
    value: () => (input.value.trim() === '' ? null : { type: 'application/json', text: input.value }),
  };
};
