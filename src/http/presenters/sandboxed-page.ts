import { createHash } from 'node:crypto';
import type { PageLanguage } from '../requests/headers.ts';
import { escaped } from './escaped.ts';

/** A page that shows what people wrote, or is to be printed. */
export const pageHeaders = (language: PageLanguage): Readonly<Record<string, string>> => ({
  'Content-Security-Policy': policy,
  Vary: variesBy,
  'Content-Language': language,
});

const variesBy = 'Authorization, X-Authorization, Origin, Accept, Accept-Language';

const style = `
body { font: 11pt/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { border: 1px solid #999; padding: .2rem .6rem; text-align: left; vertical-align: top }
code { font: 8pt/1.4 ui-monospace, monospace; overflow-wrap: anywhere }
@media print { body { margin: 0; max-width: none } }
`;
/** A page that runs nothing and loads nothing, whatever stands in it. */
const policy = `sandbox; default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

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
    <h1>${escaped(title)}</h1>
`;
