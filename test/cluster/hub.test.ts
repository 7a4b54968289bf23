import { createMetrics } from '../../src/platform/metrics.ts';
import type { Measured } from '../../src/platform/peer-workers.ts';
import type { AsksOfPrimary, Line } from '../../src/cluster/ipc.ts';
import { hubOf } from '../../src/cluster/hub.ts';

interface Member {
  readonly line: Line<AsksOfPrimary>;
  readonly heard: string[];
  readonly metrics: ReturnType<typeof createMetrics>;
  isBusy: boolean;
}

/** A worker as the primary sees it, with metrics of its own. */
const member = (all: () => Promise<readonly Measured[]>): Member => {
  let own: () => Promise<Measured> = () => Promise.resolve([]);
  const byAll = (measure: typeof own) => {
    own = measure;
    return all;
  };
  const self: Member = {
    metrics: createMetrics({ byAll }),
    heard: [],
    isBusy: false,
    line: {
      ask: (async (name: string, question: unknown) => {
        if (self.isBusy) throw new Error('no answer in time');
        if (name === 'deliver') self.heard.push(String(question));
        return name === 'measured' ? structuredClone(await own()) : undefined;
      }) as never,
    },
  };
  return self;
};

const crew = (count: number) => {
  const members = new Map<number, Member>();
  const hub = hubOf(() => new Map([...members].map(([number, { line }]) => [number, line])));
  const join = (number: number): Member => {
    const made = member(hub.measured);
    members.set(number, made);
    return made;
  };
  const leave = (number: number): void => {
    members.delete(number);
    hub.left(number);
  };
  return { hub, join, leave, workers: Array.from({ length: count }, (_none, index) => join(index + 1)) };
};
const operations = async ({ metrics }: Member): Promise<number> =>
  Number(/anonymizations_total\{call="do-anonymize"\} (\d+)/.exec(await metrics.text())?.[1]);
const memory = async ({ metrics }: Member): Promise<number> =>
  Number(/process_resident_memory_bytes (\d+)/.exec(await metrics.text())?.[1]);

describe('the hub', () => {
  it('tells all others what one tells', async () => {
    const { hub, workers } = crew(3);
    await hub.publish(2, 'a site changed');
    expect(workers.map(({ heard }) => heard)).toEqual([['a site changed'], [], ['a site changed']]);
  });

  it('goes on when one of them does not listen', async () => {
    const { hub, workers } = crew(3);
    workers[0]!.isBusy = true;
    await hub.publish(2, 'a site changed');
    expect(workers[2]!.heard).toEqual(['a site changed']);
  });

  it('adds up what all counted, with what one that is busy counted last', async () => {
    const [one, other] = crew(2).workers;
    one!.metrics.did('do-anonymize');
    other!.metrics.did('do-anonymize');
    expect(await operations(one!)).toBe(2);
    other!.metrics.did('do-anonymize');
    other!.isBusy = true;
    one!.metrics.did('do-anonymize');
    expect(await operations(one!)).toBe(3);
  });

  it('keeps what workers counted who are gone, one after the other, and not the memory they had', async () => {
    const { workers, join, leave } = crew(2);
    const [one] = workers;
    const before = await memory(one!);
    for (let turn = 1; turn <= 3; turn += 1) {
      const two = join(2);
      two.metrics.did('do-anonymize');
      expect(await operations(one!)).toBe(turn);
      leave(2);
    }
    expect(await operations(one!)).toBe(3);
    expect(await memory(one!)).toBeLessThan(before * 0.75);
  });
});
