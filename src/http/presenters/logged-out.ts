import type { Browser, PageLanguage } from '../requests/headers.ts';
import type { Answer } from '../route.ts';
import { escaped } from './escaped.ts';
import { pageEnd, pageHead, pageHeaders } from './page.ts';

/** What whoever left is told where nothing says where to go next: a page to browsers, a line to everybody else. */
export const loggedOut = ({ wantsPage, language }: Browser): Answer => {
  if (!wantsPage) return { status: 200, text: { type: 'text/plain; charset=utf-8', content: `${words.en.title}.\n` } };
  const { title, sentence } = words[language];
  const content = `${pageHead(title, language)}    <p>${escaped(sentence)}</p>\n${pageEnd}`;
  return { status: 200, headers: pageHeaders(language), text: { type: 'text/html; charset=utf-8', content } };
};

const words: Readonly<Record<PageLanguage, { readonly title: string; readonly sentence: string }>> = {
  en: { title: 'You are logged out', sentence: 'You can close this page.' },
  nl: { title: 'U bent uitgelogd', sentence: 'U kunt deze pagina sluiten.' },
};
