const deepest = 31;

/** MariaDB's `json_valid`, which guards the column of extraData: no half characters, nothing nested deeper than 31. */
export const isValidJson = (text: string): boolean => {
  if (/(?<!\\)(?:\\\\)*\\ud[89a-f]/i.test(text)) return false;
  try {
    return depthOf(text) <= deepest && JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
};

const depthOf = (text: string): number => {
  let depth = 0;
  let most = 0;
  for (const [sign] of text.replace(/"(?:[^"\\]|\\.)*"/g, '').matchAll(/[[{}\]]/g)) {
    depth += sign === '{' || sign === '[' ? 1 : -1;
    most = Math.max(most, depth);
  }
  return most;
};
