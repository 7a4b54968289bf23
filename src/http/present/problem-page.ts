import type { Problem } from '../problem.ts';

/** A problem as a page for somebody whose browser was led here: its title and its sentence, nothing else. */
export const problemPage = ({ body }: Problem): string => {
  const [title, detail] = [body['title'], body['detail']].map((text) => escaped(String(text)));
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title ?? ''}</title>
  </head>
  <body>
    <h1>${title ?? ''}</h1>
    <p>${detail ?? ''}</p>
    <p><small>${escaped(String(body['instance']))}</small></p>
  </body>
</html>
`;
};

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? '');
