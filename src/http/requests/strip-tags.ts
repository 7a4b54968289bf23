/** A tag, a closing tag, a comment or a declaration; also one that never ends. `1 < 2` and `<3` are none. */
const tag = /<[a-z!?/][^>]*(?:>|$)/gi;

/** How much of a name is looked at; longer ones are refused before. */
export const longestRawName = 1000;

/** A name without tags; again until nothing changes, as taking one out may make another (`<<b>script>`). Source: user-api.md §5. */
export const withoutTags = (text: string): string => {
  const stripped = text.replace(tag, '');
  return stripped === text ? text : withoutTags(stripped);
};
