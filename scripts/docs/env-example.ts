/** A setting as the table of settings shows it. */
interface Row {
  readonly variable: string;
  readonly fallback: string;
  readonly prose: string;
}

/** `.env.example`: every setting that has a variable. What an installation has to say is empty, the rest is commented out. */
export const envExample = (rows: readonly Row[]): string => {
  const isNeeded = ({ variable, fallback }: Row): boolean => fallback.includes('required') || oauth.has(variable);
  return [
    ...head,
    ...rows
      .filter(isNeeded)
      .flatMap(({ variable, prose }) => [...comment(prose), ...hint(variable), `${variable}=`, '']),
    '# The rest has a default, which is shown; what is shown empty is not set.',
    '',
    ...rows
      .filter((row) => !isNeeded(row))
      .flatMap(({ variable, fallback, prose }) => [...comment(prose), `# ${variable}=${plain(fallback)}`, '']),
  ].join('\n');
};

const head = [
  '# Written by `npm run docs` from `src/config/settings.ts` and `config/default.json`: change that, not this.',
  '#',
  '# Copy to `.env`, fill in what is empty, keep it: mode 600, never into git. Docker Compose reads it by itself. Without:',
  '#   set -a; . ./.env; NODE_ENV=production; set +a; npm run migrate && npm start',
  '',
  '# For docker-compose.yml only, which makes DATABASE_URL itself: letters and digits (openssl rand -hex 24).',
  'DATABASE_PASSWORD=',
  'DATABASE_ROOT_PASSWORD=',
  '',
];

/** Sites may each name a server of their own; nearly every installation has one for all, and docker-compose.yml asks for it. */
const oauth = new Set(['AUTH_SERVER_URL', 'AUTH_CLIENT_ID', 'AUTH_CLIENT_SECRET']);

/** How a secret is made. */
const secrets: Readonly<Record<string, string>> = {
  AUTH_JWT_SECRET: 'openssl rand -base64 48',
  DATA_KEY: 'openssl rand -base64 32',
  RECEIPT_KEY: 'openssl genpkey -algorithm ed25519 -outform DER | base64 -w0',
};
const hint = (variable: string): readonly string[] => {
  const made = secrets[variable];
  return made === undefined ? [] : [`#   ${made}`];
};

/** Only a value is shown as code: anything else (`–`, "by itself") is not set. */
const plain = (fallback: string): string => /^`(.*)`$/.exec(fallback)?.[1] ?? '';

/** Prose in lines of at most 120 characters. */
const comment = (prose: string): readonly string[] =>
  prose.split(' ').reduce<readonly string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > 120) return [...lines, `# ${word}`];
    return [...lines.slice(0, -1), `${last} ${word}`];
  }, []);
