import { wordsOfTheServer } from '../support/misbehaving-server.ts';
import { casesOf } from './cases.ts';
import { openOrdeal, type Ordeal } from './ordeal.ts';

let ordeal: Ordeal;
beforeAll(async () => {
  ordeal = await openOrdeal();
});
afterAll(() => ordeal.close());

describe.each([
  ['do-anonymizeall', 3, 'pending', 'none'],
  ['do-anonymize', 1, 'kept;reason=rows-elsewhere', 'pending'],
  ['delete of a last row', 1, 'pending', 'none'],
  ['delete with rows elsewhere', 1, 'kept;reason=rows-elsewhere', 'pending'],
] as const)('%s, which goes on without the OAuth server,', (story, rows, removal, values) => {
  beforeAll(() => ordeal.beginAnew());

  it.each(casesOf(story))(
    'is done here on %s to %s, says what is pending, and does it afterwards',
    async (_, __, one) => {
      const { answer, changed, log } = await ordeal.suffer(one);
      const left = await ordeal.recover();

      const told = [answer.headers.get('x-oauth-removal'), answer.headers.get('x-oauth-values')];
      expect([answer.status, ...told]).toEqual([200, removal, values]);
      const gone = /^(changed users \d+ anonymizedAt|removed users \d+ id)$/;
      expect(changed.filter((line) => gone.test(line))).toHaveLength(rows);
      expect(answer.text + log).not.toContain(wordsOfTheServer);
      expect(left).toEqual([]);
    },
  );
});
