import { wordsOfTheServer } from '../support/misbehaving-server.ts';
import { casesOf, statuses } from './cases.ts';
import { openOrdeal, type Ordeal } from './ordeal.ts';

let ordeal: Ordeal;
beforeAll(async () => {
  ordeal = await openOrdeal();
});
afterAll(() => ordeal.close());

describe.each(['create of a new person', 'create of a known person', 'update', 'update of a role'] as const)(
  '%s, which needs the OAuth server,',
  (story) => {
    beforeAll(() => ordeal.beginAnew());

    it.each(casesOf(story))(
      'says so on %s to %s, changes nothing here, and agrees afterwards',
      async (mode, _, one) => {
        const { answer, changed, log } = await ordeal.suffer(one);
        const left = await ordeal.recover();

        expect(answer.status).toBe(statuses[mode]);
        expect(answer.text).toContain('"type":"/problems/oauth-');
        expect(answer.text).toMatch(/"detail":"[A-Z][^"]*\."/);
        expect(changed).toEqual([]);
        expect(answer.text + log).not.toContain(wordsOfTheServer);
        expect(left).toEqual([]);
      },
    );
  },
);
