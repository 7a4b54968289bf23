/**
 * What the real server makes of every text that it stores (sanitize-html with no tag allowed), as far as the recordings show it:
 * tags, comments and what stands in a script go, an unclosed one takes all that follows with it, entities become their characters,
 * and `&`, `<`, `>` are written as entities. It does so with the JSON text of extraData, too, as if that were HTML.
 */
export const withoutMarkup = (text: string): string => {
  let kept = '';
  let at = 0;
  while (at < text.length) {
    const sign = text.indexOf('<', at);
    if (sign < 0) return kept + escaped(decoded(text.slice(at)));
    const end = endOfMarkup(text, sign);
    // A `<` that begins no tag is text.
    kept += escaped(decoded(text.slice(at, end === null ? sign + 1 : sign)));
    at = end ?? sign + 1;
  }
  return kept;
};

/** Where the markup that begins here ends (behind its last character); null when none begins. */
const endOfMarkup = (text: string, start: number): number | null => {
  if (text.startsWith('<!--', start)) return behind(text, '-->', start + 2);
  if (text.startsWith('<![CDATA[', start)) return behind(text, ']]>', start);
  const next = text[start + 1] ?? '';
  if (next === '!' || next === '?' || next === '/') return behind(text, '>', start);
  if (!/[a-z]/i.test(next)) return null;
  const end = endOfTag(text, start);
  const name = /^<([a-z]+)[\s/>]/i.exec(text.slice(start, start + 12))?.[1]?.toLowerCase() ?? '';
  if (!contentGoesToo.includes(name)) return end;
  const closing = new RegExp(`</${name}[\\s>]`, 'gi');
  closing.lastIndex = end;
  const found = closing.exec(text);
  return found === null ? text.length : behind(text, '>', found.index);
};

const contentGoesToo = ['script', 'style', 'textarea', 'option'];

/** A quoted value may hold a `>`. */
const endOfTag = (text: string, start: number): number => {
  const value = /=\s*(?:"[^"]*(?:"|$)|'[^']*(?:'|$)|[^\s>]*)/y;
  let at = start + 1;
  while (at < text.length && text[at] !== '>') {
    value.lastIndex = at;
    at = text[at] === '=' && value.test(text) ? value.lastIndex : at + 1;
  }
  return Math.min(at + 1, text.length);
};

const behind = (text: string, mark: string, from: number): number => {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found + mark.length;
};

/** Of the named ones those that people write: the letters and signs of Latin 1, which are also read without a semicolon, and some others. */
const latin1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot ' +
  'cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml ' +
  'Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig ' +
  'agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ' +
  'ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml';
const legacy: ReadonlyMap<string, string> = new Map([
  ...latin1.split(' ').map((name, index) => [name, String.fromCharCode(0xa0 + index)] as const),
  ...Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"' }),
]);
const strict: ReadonlyMap<string, string> = new Map(
  Object.entries({ apos: "'", euro: '€', hellip: '…', ndash: '–', mdash: '—', rsquo: '’' }),
);
const longestFirst = [...legacy.keys()].toSorted((one, other) => other.length - one.length).join('|');
const entity = new RegExp(`&(?:#x([\\da-f]+);?|#(\\d+);?|(${[...strict.keys()].join('|')});|(${longestFirst});?)`, 'g');

const decoded = (text: string): string =>
  text.replace(entity, (whole, ...found) => {
    const [hex, decimal, withSemicolon, without] = found as readonly (string | undefined)[];
    if (hex !== undefined) return character(Number.parseInt(hex, 16));
    if (decimal !== undefined) return character(Number.parseInt(decimal, 10));
    return strict.get(withSemicolon ?? '') ?? legacy.get(without ?? '') ?? whole;
  });

const character = (code: number): string =>
  code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code);

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;' } as const;
const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => entities[sign as keyof typeof entities]);
