/**
 * @typedef {string | Node | null | undefined | false} Child What is not there is left out.
 * @typedef {Readonly<Record<string, string | boolean | (() => void) | ((event: Event) => void)>>} Attributes
 */

/**
 * An element with what stands in it. Attributes: true is the bare attribute, false is none, a function under `onclick` and the like
 * is listened to. Texts stay texts: nothing on this page is ever read as HTML.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Attributes} [attributes]
 * @param {...(Child | readonly Child[])} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key.replace(/^on/, ''), value);
    else if (value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== false) made.append(child);
  return made;
};

/**
 * Puts what `make` makes under a line that opens, the first time that it is opened: a page of sixty calls is there at once.
 * @template {HTMLDetailsElement} Details
 * @param {Details} details
 * @param {() => Child} make
 * @returns {Details}
 */
export const filledWhenOpened = (details, make) => {
  details.addEventListener(
    'toggle',
    () => {
      const made = make();
      if (made !== null && made !== undefined && made !== false) details.append(made);
    },
    { once: true },
  );
  return details;
};

/**
 * A sentence of the document: what stands between backticks is code.
 * @param {string} text
 * @returns {readonly Child[]}
 */
export const prose = (text) => text.split('`').map((part, at) => (at % 2 === 1 ? element('code', {}, part) : part));

/**
 * A block of text that somebody copies, with the button for it where the browser lets a page copy.
 * @param {string} text
 * @param {string} label What it is, for who hears the page.
 * @returns {HTMLElement}
 */
export const block = (text, label) => {
  const box = element(
    'div',
    { class: 'block' },
    element('pre', { tabindex: '0', role: 'group', 'aria-label': label }, text),
  );
  if ('clipboard' in navigator)
    box.append(
      element(
        'button',
        {
          type: 'button',
          class: 'copy',
          'aria-label': `Copy: ${label}`,
          onclick: (event) => {
            void navigator.clipboard.writeText(text).then(() => {
              if (event.target instanceof HTMLElement) event.target.textContent = 'Copied';
            });
          },
        },
        'Copy',
      ),
    );
  return box;
};

/**
 * JSON as it is read, anything else as it stands.
 * @param {string} text
 * @returns {string}
 */
export const readable = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};
