import type { Change, Changes } from '../../src/ports/site-store.ts';

interface Subject {
  readonly changes: Changes;
  readonly close: () => Promise<void>;
}

/** What every way to tell of changes does for the instance itself. What the others hear: test/redis/. */
export const describeChanges = (name: string, start: () => Promise<Subject>): void => {
  describe(`changes, told by ${name}`, () => {
    let subject: Subject;
    const heard: (Change | 'everything')[] = [];
    beforeAll(async () => {
      subject = await start();
    });
    beforeEach(() => {
      heard.length = 0;
    });
    afterAll(() => subject.close());

    it('are heard by every listener here, before the announcement is over', async () => {
      subject.changes.listen((change) => heard.push(change));
      subject.changes.listen((change) => heard.push(change));

      await subject.changes.announce({ kind: 'site', id: 7 });

      expect(heard).toEqual([
        { kind: 'site', id: 7 },
        { kind: 'site', id: 7 },
      ]);
    });

    it('are heard even by who does not wait for the announcement', () => {
      void subject.changes.announce({ kind: 'site', id: 8 });

      expect(heard).toEqual([
        { kind: 'site', id: 8 },
        { kind: 'site', id: 8 },
      ]);
    });
  });
};
