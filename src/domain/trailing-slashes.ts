/** A path or address without the slashes at its end. `/\/+$/` would look at a long run of them from each of its slashes. */
export const withoutTrailingSlashes = (text: string): string => {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
};
