/** What a page asks for, and how it is asked: who by, and where. */
const asked: readonly (readonly [label: string, path: string, token: string | null])[] = [
  ['oneself', '/oauth/site/1/me', 'demo-member'],
  ['one user, as visitors see them', '/api/site/1/user/104', null],
  ['one user, as moderators see them', '/api/site/1/user/104', 'demo-moderator'],
  ['a page of five', '/api/site/1/user?page=0&pageSize=5', 'demo-moderator'],
  ['a page of nineteen', '/api/site/1/user?page=0', 'demo-moderator'],
  ['what somebody did', '/api/site/1/user/101/activity?includeOtherSites=0', 'demo-moderator'],
  ['a preview, its summary', '/api/site/1/user/101/will-anonymizeall?view=summary', 'demo-admin'],
  ['a preview, what changes', '/api/site/1/user/101/will-anonymizeall?view=changes', 'demo-admin'],
  ['a preview, all lists', '/api/site/1/user/101/will-anonymizeall', 'demo-admin'],
  ['an error of two fields', '/api/site/1/user?page=x&pageSize=0', null],
];

export interface AnswerSize {
  readonly label: string;
  readonly bytes: number;
}

/** How many bytes of body each of them has, as it leaves the program. */
export const answerSizes = (url: string): Promise<readonly AnswerSize[]> =>
  Promise.all(
    asked.map(async ([label, path, token]) => {
      const answer = await fetch(url + path, token === null ? {} : { headers: { 'X-Authorization': token } });
      return { label, bytes: (await answer.arrayBuffer()).byteLength };
    }),
  );

const row = 26;
const [left, width] = [270, 480];

/** A bar each, with its number beside it: nothing is said by length alone. */
export const drawingOf = (sizes: readonly AnswerSize[]): string => {
  const most = Math.max(...sizes.map(({ bytes }) => rounded(bytes)));
  const bars = sizes.map(({ label, bytes }, at) => {
    const y = 44 + at * row;
    const long = Math.max(2, Math.round((rounded(bytes) / most) * width));
    return [
      `<text x="${left - 10}" y="${y + 13}" text-anchor="end" fill="#000">${label}</text>`,
      `<rect x="${left}" y="${y}" width="${long}" height="18" fill="#2a5db0"/>`,
      `<text x="${left + long + 8}" y="${y + 13}" fill="#000">${shown(bytes)}</text>`,
    ].join('\n');
  });
  const height = 54 + sizes.length * row;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 ${height}" font-family="sans-serif" font-size="13" role="img" aria-labelledby="title">
<title id="title">How large answers of the demo are: ${sizes.map(({ label, bytes }) => `${label} ${shown(bytes)}`).join(', ')}</title>
<rect width="860" height="${height}" fill="#fff"/>
<text x="10" y="24" fill="#000">How large answers of the demo are, before a proxy compresses them</text>
${bars.join('\n')}
</svg>
`;
};

/** In kB: two digits say enough, and stay the same when a number in an answer has a digit more. */
const rounded = (bytes: number): number => Number((bytes / 1000).toPrecision(2));
const shown = (bytes: number): string => `${rounded(bytes)} kB`;
