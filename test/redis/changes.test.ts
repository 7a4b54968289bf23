import { sharedChanges } from '../../src/shared-changes.ts';
import { sharedRedis } from '../../src/platform/redis.ts';
import { describeChanges } from '../contract/changes.ts';
import { fakeChanges } from '../support/fakes/changes.ts';
import { describeWithRedis, testRedisUrl } from '../support/redis.ts';
import { instanceAt, type Instance } from './support/instance.ts';

const close = async (): Promise<void> => undefined;
describeChanges('a fake', async () => ({ changes: fakeChanges(), close }));
describeChanges('one instance alone', async () => ({ changes: sharedChanges(null), close }));
describeChanges('an instance whose Redis is not there', async () => {
  const instance = await instanceAt('redis://127.0.0.1:1');
  return {
    changes: instance.changes,
    close: async () => {
      instance.close();
    },
  };
});

describeWithRedis('changes through Redis', () => {
  describeChanges('an instance with Redis', async () => {
    const instance = await instanceAt(testRedisUrl);
    return {
      changes: instance.changes,
      close: async () => {
        instance.close();
      },
    };
  });

  let instances: readonly Instance[] = [];
  beforeEach(async () => {
    instances = await Promise.all([1, 2, 3].map(() => instanceAt(testRedisUrl)));
  });
  afterEach(() => {
    for (const instance of instances) instance.close();
  });
  const [teller, second, third] = [0, 1, 2].map((index) => (): Instance => instances[index]!);

  it('have been heard by all others when the announcement is over, a thousand times of a thousand', async () => {
    let late = 0;
    for (let id = 1; id <= 1000; id += 1) {
      await teller!().changes.announce({ kind: 'site', id });
      for (const other of [second!(), third!()])
        if (JSON.stringify(other.heard.at(-1)) !== JSON.stringify({ kind: 'site', id })) late += 1;
    }

    expect(late).toBe(0);
  });

  it('are heard once by each, the teller included', async () => {
    await Promise.all([1, 2, 3, 4, 5].map((id) => second!().changes.announce({ kind: 'site', id })));

    for (const { heard } of instances) {
      expect(heard.filter((change) => change !== 'everything')).toHaveLength(5);
    }
  });

  it('begin with "everything", as what was said before was missed', async () => {
    for (const { heard } of instances) expect(heard[0]).toBe('everything');
  });

  it('of which somebody else’s words are none', async () => {
    const stranger = sharedRedis({ url: testRedisUrl, log: { info: () => undefined, warn: () => undefined } });
    await stranger.open();
    const before = second!().heard.length;
    const words = ['', 'x', 'a b c', 'me 1 {', 'me 2 {"kind":"site"}', 'me 3 {"kind":"moon","id":1}', 'me 4 null'];
    for (const word of words) await stranger.command('PUBLISH', `${stranger.prefix}changes`, word);

    // It speaks after the stranger, so whoever has heard it has heard the stranger, too.
    await teller!().changes.announce({ kind: 'site', id: 9 });

    expect(second!().heard.slice(before)).toEqual([{ kind: 'site', id: 9 }]);
    stranger.close();
  });

  it('do not wait for ever for an instance that listens and says nothing', async () => {
    const mute = sharedRedis({ url: testRedisUrl, log: { info: () => undefined, warn: () => undefined } });
    mute.subscribe(
      [`${mute.prefix}changes`],
      () => undefined,
      () => undefined,
    );
    await mute.open();
    await teller!().changes.announce({ kind: 'site', id: 10 });

    expect(second!().heard.at(-1)).toEqual({ kind: 'site', id: 10 });
    mute.close();
  });
});
