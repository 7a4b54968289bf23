import type { Faults } from '../../domain/fault.ts';
import type { PageLanguage } from '../browser.ts';
import type { Problem } from '../problem.ts';
import { escaped } from './escaped.ts';

/**
 * A problem as a page for somebody whose browser was led here: its title and its sentence, and where a login does not count, a link
 * that begins it anew. That page people really meet (an e-mail link opens in another browser), so it speaks Dutch, too.
 */
export const problemPage = ({ body }: Problem, language: PageLanguage): string => {
  const { title, detail, lang } = wordsOf(body, language);
  const { again } = body;
  const link =
    typeof again === 'string' ? `\n    <p><a href="${escaped(again)}">${escaped(linkText[lang])}</a></p>` : '';
  return `<!doctype html>
<html lang="${lang}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escaped(title)}</title>
  </head>
  <body>
    <h1>${escaped(title)}</h1>
    <p>${escaped(detail)}</p>${link}
    <p><small>${escaped(String(body['instance']))}</small></p>
  </body>
</html>
`;
};

const linkText: Readonly<Record<PageLanguage, string>> = { en: 'Log in again', nl: 'Opnieuw inloggen' };

interface Words {
  readonly title: string;
  readonly detail: string;
  readonly lang: PageLanguage;
}
const wordsOf = (body: Problem['body'], language: PageLanguage): Words => {
  const dutch = language === 'nl' ? sentenceInDutch(body) : undefined;
  if (dutch !== undefined) return { title: 'Deze inlog telt niet', detail: dutch, lang: 'nl' };
  return { title: String(body['title']), detail: String(body['detail']), lang: 'en' };
};

const sentenceInDutch = ({ type, reason }: Problem['body']): string | undefined =>
  type === '/problems/login-refused' ? new Map<unknown, string>(Object.entries(refusedInDutch)).get(reason) : undefined;

const refusedInDutch: Readonly<Record<Faults['login-refused']['reason'], string>> = {
  state:
    'Deze inlog is in een andere browser begonnen of te lang geleden, of is al gebruikt. Een link uit een e-mail opent vaak in een andere browser. Log opnieuw in.',
  code: 'De inlogserver heeft deze inlog niet doorgelaten, of hij is al gebruikt of duurde te lang. Log opnieuw in.',
  claims: 'De inlogserver staat niet meer in voor dit account.',
};
