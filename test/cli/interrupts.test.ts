import { EventEmitter } from 'node:events';
import { interruptsOf } from '../../src/cli/interrupts.ts';

/** What a signal says has been done by then. */
const heard = () => {
  const lines: string[] = [];
  const codes: unknown[] = [];
  const source = new EventEmitter();
  const exit = ((code: number) => codes.push(code)) as unknown as NodeJS.Process['exit'];
  const interrupts = interruptsOf(
    Object.assign(source, { exit }) as unknown as Parameters<typeof interruptsOf>[0],
    (line) => lines.push(line),
  );
  return { lines, codes, interrupts, ctrlC: () => source.emit('SIGINT') };
};

describe('a signal', () => {
  it('before anything was begun says that nothing was changed', () => {
    const { lines, codes, ctrlC } = heard();
    ctrlC();
    expect([lines, codes]).toEqual([['Stopped. Nothing was changed.'], [130]]);
  });

  it('that comes again in the middle says that it may be done or not', async () => {
    const { lines, codes, ctrlC, interrupts } = heard();
    await interrupts.finishing(() => {
      ctrlC();
      expect(codes).toEqual([]);
      ctrlC();
      return Promise.resolve();
    });
    expect([lines[1], codes]).toEqual([expect.stringMatching(/may be done, or not/), [130]]);
  });

  it('behind what was begun says that it is done', async () => {
    const { lines, ctrlC, interrupts } = heard();
    await interrupts.finishing(() => Promise.resolve());
    ctrlC();
    expect(lines).toEqual(['Stopped. What was asked for is done.']);
  });

  it('behind what failed says that it may be done or not', async () => {
    const { lines, ctrlC, interrupts } = heard();
    await expect(interrupts.finishing(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    ctrlC();
    expect(lines).toEqual([expect.stringMatching(/may be done, or not/)]);
  });

  it('says what the command knows better', async () => {
    const { lines, ctrlC, interrupts } = heard();
    interrupts.onEnd('Stopped. The file is whole.');
    await interrupts.finishing(() => Promise.resolve());
    ctrlC();
    expect(lines).toEqual(['Stopped. The file is whole.']);
  });
});
