import { callElement } from './call.js';
import { credentialFields } from './credentials.js';
import { block, element, filledWhenOpened, prose, readable } from './elements.js';

/**
 * @typedef {import('./call.js').Operation} Operation
 * @typedef {{ readonly summary: string, readonly description: string, readonly value: unknown,
 *   readonly 'x-status': number, readonly 'x-rules'?: Readonly<Record<string, string>> }} Problem
 * @typedef {{
 *   readonly info: { readonly description: string },
 *   readonly tags: readonly { readonly name: string, readonly description: string }[],
 *   readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>,
 *   readonly components: { readonly schemas: import('./shapes.js').Schemas,
 *     readonly examples: Readonly<Record<string, Problem>> },
 * }} Api
 */

const main = document.querySelector('main') ?? document.body;

const start = async () => {
  const answer = await fetch('/openapi.json', { credentials: 'omit' });
  if (!answer.ok) throw new Error(`/openapi.json: ${answer.status}`);
  /** @type {Api} */
  const api = await answer.json();
  const { form, credentials } = credentialFields(document.body.dataset['demoToken'] ?? null);
  const around = { schemas: api.components.schemas, credentials };
  const calls = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = api.tags.map(({ name, description }) => ({
    title: name,
    description,
    entries: calls
      .filter(({ operation }) => operation.tags.includes(name))
      .map((call) => ({
        words: `${call.method} ${call.path} ${call.operation.summary} ${call.operation.operationId}`.toLowerCase(),
        element: callElement(call, around),
      })),
  }));
  const problems = {
    title: 'Problems',
    description: 'Every way in which a call can fail. An answer names its problem by `type`.',
    entries: Object.entries(api.components.examples).map(([code, problem]) => ({
      words: `${code} ${problem.summary} ${problem['x-status']}`.toLowerCase(),
      element: problemElement(code, problem),
    })),
  };
  const sections = [...groups, problems].map((group) => ({ ...group, element: groupElement(group) }));
  main.replaceChildren(
    element('p', { class: 'lede' }, api.info.description),
    form,
    filterElement(sections, calls.length),
    ...sections.map((section) => section.element),
  );
  addEventListener('hashchange', openNamed);
  openNamed();
};

/**
 * @typedef {{ readonly title: string, readonly description: string,
 *   readonly entries: readonly { readonly words: string, readonly element: HTMLElement }[] }} Group
 */

/** @param {Group} group */
const groupElement = ({ title, description, entries }) =>
  element(
    'section',
    { class: 'group', 'aria-labelledby': `group-${title}` },
    element('h2', { id: `group-${title}` }, title),
    element('p', {}, prose(description)),
    entries.map((entry) => entry.element),
  );

/**
 * Shows what holds every word that is typed, and hides the rest.
 * @param {readonly (Group & { readonly element: HTMLElement })[]} sections
 * @param {number} all How many calls there are.
 */
const filterElement = (sections, all) => {
  const found = element('p', { class: 'note', role: 'status' }, `${all} calls`);
  const nav = element(
    'nav',
    { 'aria-label': 'Groups' },
    sections.map(({ title }) => element('a', { href: `#group-${title}` }, title)),
  );
  const input = element('input', {
    id: 'filter',
    type: 'search',
    autocomplete: 'off',
    spellcheck: 'false',
    oninput: () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const counts = sections.map(({ entries, element: section }) => {
        const visible = entries.filter((entry) => {
          entry.element.hidden = !words.every((word) => entry.words.includes(word));
          return !entry.element.hidden;
        });
        section.hidden = visible.length === 0;
        return visible.length;
      });
      const problems = counts.pop() ?? 0;
      const calls = counts.reduce((sum, one) => sum + one, 0);
      found.textContent =
        words.length === 0 ? `${all} calls` : `${calls} of ${all} calls, and ${problems} problems, have these words`;
    },
  });
  return element(
    'search',
    {},
    element('label', { class: 'field' }, element('span', {}, 'Filter by words of path and summary'), input),
    found,
    nav,
  );
};

/**
 * @param {string} code
 * @param {Problem} problem
 */
const problemElement = (code, { summary, description, value, 'x-status': status, 'x-rules': rules = {} }) => {
  const line = element(
    'summary',
    {},
    element('span', { class: 'method problem' }, String(status)),
    element('code', { class: 'path' }, code),
    element('span', { class: 'does' }, summary),
  );
  const named = Object.entries(rules);
  const inside = () =>
    element(
      'div',
      { class: 'inside' },
      element(
        'p',
        {},
        element('strong', {}, 'type: '),
        element('a', { href: `/problems/${code}` }, `/problems/${code}`),
      ),
      element('p', {}, prose(description)),
      named.length === 0
        ? null
        : element(
            'details',
            {},
            element('summary', {}, `The ${named.length} rules that it can name`),
            element(
              'dl',
              { class: 'shape' },
              named.flatMap(([rule, says]) => [element('dt', {}, element('code', {}, rule)), element('dd', {}, says)]),
            ),
          ),
      block(readable(JSON.stringify(value)), `an example of ${code}`),
    );
  return filledWhenOpened(element('details', { class: 'call', id: `problem-${code}` }, line), inside);
};

/** Opens what the address names. */
const openNamed = () => {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named === null) return;
  if (named instanceof HTMLDetailsElement) named.open = true;
  // Also where a filter hides it.
  for (const hidden of [named, named.closest('section')]) if (hidden instanceof HTMLElement) hidden.hidden = false;
  named.scrollIntoView();
};

start().catch((/** @type {unknown} */ error) => {
  main.replaceChildren(
    element('p', { class: 'failed', role: 'alert' }, `The documentation cannot be shown: ${String(error)}`),
  );
});
