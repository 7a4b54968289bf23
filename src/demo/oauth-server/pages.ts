import type { PersonRow } from './state.ts';

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' } as const;
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => escapes[sign as keyof typeof escapes]);

export const page = (title: string, body: string): string => `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1.0">
  <title>${escaped(title)}</title>
</head>
<body>
  <p><strong>Development only: this server lets anybody in as anybody.</strong></p>
  ${body}
</body>
</html>
`;

/** One button per person; `action` is where they are posted to. */
export const loginPage = (people: readonly PersonRow[], action: string): string =>
  page('Log in', `<h1>Log in as</h1>\n  <ul>${people.map((person) => button(person, action)).join('')}\n  </ul>`);

export const homePage = (): string => page('Development OAuth server', '<h1>Development OAuth server</h1>');

export const errorPage = (): string => page('', '<h1>500</h1>');

export const notFoundPage = (): string => page('', '<h1>404</h1>');

const button = (person: PersonRow, action: string): string => {
  const name = [person.firstName, person.lastName].filter(Boolean).join(' ') || `person ${person.id}`;
  return `
    <li><form method="post" action="${escaped(action)}">
      <button name="userId" value="${person.id}">${escaped(name)}</button> ${escaped(person.email ?? 'no address')}
    </form></li>`;
};
