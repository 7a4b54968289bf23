import type { Branch } from './frames.ts';

const width = 1400;
const row = 17;
/** Narrower ones cannot be seen. */
const narrowest = 0.6;
const perLetter = 6.6;

const colours: Readonly<Record<string, string>> = { ours: '#f0a04b', node: '#a8c686', engine: '#c9c9c9' };
const anyPackage = '#8fb3d9';

/** A flame graph: who called upwards, time to the right. Full names appear where the mouse rests. */
export const flameOf = (root: Branch, title: string): string => {
  const boxes: string[] = [];
  let deepest = 0;
  const draw = (branch: Branch, x: number, depth: number): void => {
    const size = (width * branch.total) / root.total;
    if (size < narrowest) return;
    deepest = Math.max(deepest, depth);
    boxes.push(box(branch, x, depth, size, root.total));
    let next = x;
    for (const child of branch.children) {
      draw(child, next, depth + 1);
      next += (width * child.total) / root.total;
    }
  };
  draw(root, 0, 0);
  const height = (deepest + 1) * row + 60;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="8" y="20" font-size="14">${escaped(title)}</text>`,
    `<text x="8" y="38" fill="#555">orange: ours · blue: packages · green: Node · grey: the engine</text>`,
    `<g transform="translate(0,${height - row}) scale(1,1)">`,
    ...boxes,
    '</g>',
    '</svg>',
  ].join('\n')}\n`;
};

const box = ({ frame, total }: Branch, x: number, depth: number, size: number, whole: number): string => {
  const y = -depth * row;
  const share = `${((100 * total) / whole).toFixed(1)} %, ${(total / 1000).toFixed(0)} ms`;
  const letters = Math.floor((size - 4) / perLetter);
  const label = letters < 3 ? '' : frame.label.slice(0, letters);
  return [
    `<g><title>${escaped(frame.label)} (${share})</title>`,
    `<rect x="${x.toFixed(1)}" y="${y}" width="${size.toFixed(1)}" height="${row - 1}" fill="${colours[frame.origin] ?? anyPackage}"/>`,
    label === '' ? '' : `<text x="${(x + 2).toFixed(1)}" y="${y + 12}">${escaped(label)}</text>`,
    '</g>',
  ].join('');
};

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
