import { exactText, isJsonObject, type Json } from '../../domain/json.ts';
import type { ExportPart } from '../../use-cases/people/commands.ts';
import type { PageLanguage } from '../requests/headers.ts';
import { escaped, isolated } from './page.ts';
import { pageEnd, pageHead } from './page.ts';
import { receiptWords } from './receipt-words.ts';

/** Part by part as one JSON text, behind how it opens: `{"users": […], …` … */
export async function* exportText(
  opening: string,
  parts: AsyncIterable<ExportPart>,
  closing: string,
): AsyncGenerator<string, void, undefined> {
  let present = '';
  let isFirst = true;
  for await (const { of, rows } of parts) {
    let text = '';
    if (of !== present) {
      text += present === '' ? opening : '],';
      text += `${JSON.stringify(of)}:[`;
      isFirst = true;
      present = of;
    }
    if (rows.length > 0) {
      text += `${isFirst ? '' : ','}${rows.map(rowText).join(',')}`;
      isFirst = false;
    }
    if (text !== '') yield text;
  }
  yield `]${closing}`;
}

type Row = ExportPart['rows'][number];

const rowText = (row: Row): string =>
  `{${Object.entries(row)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${JSON.stringify(name)}:${jsonText(value)}`]))
    .join(',')}}`;

/** As every other answer: documents with the digits that they were written with. */
const jsonText = (value: Json | Date): string =>
  isJsonObject(value) && !(value instanceof Date) ? exactText(value) : JSON.stringify(value);

/** … or as a page to read: a heading a kind, a table a row, everything escaped. */
export async function* exportPage(
  parts: AsyncIterable<ExportPart>,
  language: PageLanguage,
): AsyncGenerator<string, void, undefined> {
  const { title, intro, nothing, kinds } = words[language];
  const named: Readonly<Record<string, string>> = { ...kinds, ...receiptWords[language].contributions };
  let present = '';
  let isEmpty = false;
  for await (const { of, rows } of parts) {
    let text = '';
    if (of !== present) {
      text += present === '' ? `${pageHead(title, language)}<p>${escaped(intro)}</p>\n` : end(isEmpty, nothing);
      text += `<h2>${escaped(named[of] ?? of)}</h2>\n`;
      isEmpty = true;
      present = of;
    }
    if (rows.length > 0) {
      text += rows.map(rowTable).join('');
      isEmpty = false;
    }
    if (text !== '') yield text;
  }
  yield `${end(isEmpty, nothing)}${pageEnd}`;
}

const end = (isEmpty: boolean, nothing: string): string => (isEmpty ? `<p>${escaped(nothing)}</p>\n` : '');

const rowTable = (row: Row): string => {
  const lines = Object.entries(row).map(
    ([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${valueHtml(value)}</td></tr>`,
  );
  return `<table>${lines.join('')}</table>\n`;
};

const valueHtml = (value: Row[string]): string => {
  if (value === null || value === undefined) return '–';
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string') return isolated(value);
  // Each text of a document by itself, its keys, too: none turns round what stands behind it.
  return jsonText(value).replace(/("(?:[^"\\]|\\.)*")|[^"]+/gs, (part, text: string | undefined) =>
    text === undefined ? escaped(part) : isolated(text),
  );
};

/** What the page of an export says. Contributions are called as on a receipt, and kinds without a word of their own as their table. */
interface ExportWords {
  readonly title: string;
  readonly intro: string;
  readonly nothing: string;
  readonly kinds: Readonly<Record<'users' | 'facts' | 'sessions', string>>;
}

const words: Readonly<Record<PageLanguage, ExportWords>> = {
  en: {
    title: 'What is kept of you here',
    intro: 'Everything that is kept of this person, as it stands. It holds no passwords and no keys.',
    nothing: 'Nothing.',
    kinds: { users: 'User', facts: 'Points and flags', sessions: 'Logins' },
  },
  nl: {
    title: 'Wat hier van u wordt bewaard',
    intro:
      'Dit is alles wat van deze persoon wordt bewaard, precies zoals het is opgeslagen. Er staan geen wachtwoorden of sleutels in.',
    nothing: 'Niets.',
    kinds: { users: 'Gebruiker', facts: 'Punten en kenmerken', sessions: 'Keren dat is ingelogd' },
  },
};
