import { createHash } from 'node:crypto';
import type { PageLanguage } from '../requests/headers.ts';

/** Colours are the browser's own, so that they follow light and dark, and paper is white. */
const style = `
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: break-word }
h1 { font-size: 1.6rem; line-height: 1.25 }
h2 { font-size: 1.2rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { border: 1px solid GrayText; padding: .3rem .6rem; text-align: left; vertical-align: top }
td { overflow-wrap: anywhere }
bdi { display: inline-block; max-width: 100% }
th[scope=row] { width: 35% }
th { font-weight: 600 }
.counts th[scope] { width: auto }
.counts td { overflow-wrap: normal }
.counts td:last-child { text-align: right }
code, pre { font: .85rem/1.45 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap }
@media (max-width: 30rem) { table { font-size: .9rem } th, td { padding: .3rem } .counts { font-size: .8rem } .counts th, .counts td { padding: .2rem } }
@page { margin: 2cm }
@media print {
  :root { color-scheme: light }
  body { font-size: 10pt; margin: 0; padding: 0; max-width: none }
  code { font-size: 8pt }
  h2 { break-after: avoid }
  tr { break-inside: avoid }
}
`;
/** A page that runs nothing and loads nothing, whatever stands in it. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** Of a page in our own words. */
export const pageHeaders = (language: PageLanguage): Readonly<Record<string, string>> => ({
  'Content-Security-Policy': policy,
  Vary: variesBy,
  'Content-Language': language,
});

/** Of a page that shows what people wrote, or that is a proof: it is of no origin. */
export const sandboxedHeaders = (language: PageLanguage): Readonly<Record<string, string>> => ({
  ...pageHeaders(language),
  'Content-Security-Policy': `sandbox; ${policy}`,
});

const variesBy = 'Authorization, X-Authorization, Origin, Accept, Accept-Language';

/** Its beginning, to its heading. */
export const pageHead = (title: string, language: PageLanguage): string => `<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="robots" content="noindex" />
    <title>${escaped(title)}</title>
    <style>${style}</style>
  </head>
  <body>
    <main>
    <h1>${escaped(title)}</h1>
`;
export const pageEnd = '    </main>\n  </body>\n</html>\n';

/** A table of facts, each a row with its name; what is null is left out. Values are HTML. */
export const factsTable = (facts: readonly (readonly [name: string, value: string | null])[]): string => {
  const rows = facts.flatMap(([name, value]) =>
    value === null ? [] : [`<tr><th scope="row">${escaped(name)}</th><td>${value}</td></tr>`],
  );
  return `    <table>\n${rows.join('\n')}\n    </table>\n`;
};

/** A moment as people read it, and exactly, for programs and whoever compares; what is no moment stands as it is. */
export const timeElement = (moment: string, language: PageLanguage): string => {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return escaped(moment);
  const shown = new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', timeStyle: 'medium', timeZone: 'UTC' });
  return `<time datetime="${escaped(moment)}">${escaped(shown.format(date))} UTC</time>`;
};

const locales: Readonly<Record<PageLanguage, string>> = { en: 'en-GB', nl: 'nl-NL' };

/** A text as it stands in HTML, between tags and in quoted attributes. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? '');

/**
 * What somebody wrote, as it stands in HTML, between tags only: whatever turns the writing round in it ends with it. The page's
 * style makes a box of each, as a character in a text would end what Unicode alone keeps apart.
 */
export const isolated = (text: string): string => `<bdi>${escaped(text)}</bdi>`;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
