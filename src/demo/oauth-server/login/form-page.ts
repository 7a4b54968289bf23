import { escaped, page } from '../pages.ts';

export interface Field {
  readonly name: string;
  readonly type: 'text' | 'email' | 'password' | 'hidden';
  readonly value?: string;
}
export interface FormPage {
  readonly heading: string;
  readonly messages?: readonly string[];
  readonly form?: { readonly action: string; readonly fields: readonly Field[] };
  readonly links?: readonly { readonly text: string; readonly href: string }[];
  /** Shown, and not sent. */
  readonly secret?: string;
}

/** A page of theirs, by what a browser does with it: its heading, what it says, its form and its links. */
export const formPage = ({ heading, messages = [], form, links = [], secret }: FormPage): string =>
  page(
    heading,
    [
      `<h1>${escaped(heading)}</h1>`,
      ...messages.map((message) => `<p class="message">${escaped(message)}</p>`),
      ...(secret === undefined ? [] : [`<code>${secret}</code>`]),
      ...(form === undefined
        ? []
        : [
            `<form method="POST" action="${escaped(form.action)}">`,
            ...form.fields.map(inputOf),
            '<button>Verder</button></form>',
          ]),
      ...links.map(({ text, href }) => `<a href="${escaped(href)}">${escaped(text)}</a>`),
    ].join('\n  '),
  );

const inputOf = ({ name, type, value }: Field): string =>
  `<input name="${escaped(name)}" type="${type}"${value === undefined ? '' : ` value="${escaped(value)}"`}${type === 'hidden' ? '' : ' required'}>`;
