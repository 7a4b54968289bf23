export type Values = Readonly<Record<string, string | number>>;
/** `n`: the number of the plural that it stands in. */
type Say = (values: Values, n: number) => string;

/**
 * A message of ICU, as far as messages here go: text, `{name}`, `{name, number}`, and `{name, plural, =0 {…} one {# …} other {…}}` around
 * more of it. The library that reads all of ICU was a quarter of the script; a test holds that it reads every message alike.
 */
export const message = (text: string, locale: string): ((values?: Values) => string) => {
  const [numbers, plurals] = [new Intl.NumberFormat(locale), new Intl.PluralRules(locale)];
  let at = 0;
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    at += found?.[0].length ?? 0;
    return found;
  };
  const must = (pattern: RegExp): RegExpExecArray => {
    const found = next(pattern);
    if (found === null) throw new Error(`no message at ${at}: ${text}`);
    return found;
  };
  /** Up to the bracket that closes it, or the end. */
  const whole = (isCounted: boolean): Say => {
    const plain = isCounted ? /[^{}#]+/y : /[^{}]+/y;
    const parts: Say[] = [];
    for (;;) {
      const [words = ''] = next(plain) ?? [];
      parts.push(() => words);
      if (isCounted && next(/#/y) !== null) parts.push((_, n) => numbers.format(n));
      else if (text[at] === '{') parts.push(argument());
      else return (values, n) => parts.map((say) => say(values, n)).join('');
    }
  };
  const argument = (): Say => {
    const [, name = '', kind] = must(/\{(\w+)(?:, (\w+))?/y);
    const choices = kind === 'plural' ? chosen() : null;
    must(/\}/y);
    return (values) => {
      const value = values[name];
      if (value === undefined) throw new Error(`nobody said ${name}: ${text}`);
      if (kind === undefined) return String(value);
      const n = Number(value);
      if (choices === null) return numbers.format(n);
      const say = choices.get(`=${n}`) ?? choices.get(plurals.select(n)) ?? choices.get('other');
      return say?.(values, n) ?? '';
    };
  };
  const chosen = (): ReadonlyMap<string, Say> => {
    const choices = new Map<string, Say>();
    must(/,/y);
    for (let found = next(/ (=?\w+) \{/y); found !== null; found = next(/ (=?\w+) \{/y)) {
      choices.set(found[1] ?? '', whole(true));
      must(/\}/y);
    }
    return choices;
  };
  const say = whole(false);
  must(/$/y);
  return (values = {}) => say(values, 0);
};
