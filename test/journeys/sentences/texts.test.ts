import { writeThere, type Somebody } from './support/people.ts';
import { startSentences, user, users, type SentenceWorld } from './support/world.ts';

/** user-api.md §2 "Text", zipCode beside postcode. */
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences();
});
afterAll(() => s.close());

const [zeroWidth, turned] = ['\u200b', '\u202e'];

describe('a body', () => {
  let target: Somebody;
  let at: string;
  beforeEach(async () => {
    target = await s.person({ at: { 1: 'member' } });
    at = user(1, target.at[1]!);
  });

  test('of blanks and invisible characters clears: nobody is shown under a name of nothing', async () => {
    const { status, body } = await s.put('admin', at, {
      nickName: ` ${zeroWidth} `,
      firstName: '\u00a0',
      lastName: `\u3164${turned}`,
      city: ' ',
    });

    expect([status, body.nickName, body.firstName, body.lastName, body.city]).toEqual([200, null, null, null, null]);
    expect([body.displayName, body.initials]).toEqual([null, '']);
    expect(s.there(target.externalId)).toMatchObject({ firstName: null, city: null });
  });

  test('is trimmed, and names lose tags, here and at the OAuth server', async () => {
    const { body } = await s.put('admin', at, { firstName: ' <i>Noor</i>\n', city: ' Den Haag ' });

    expect([body.firstName, body.city]).toEqual(['Noor', 'Den Haag']);
    expect(s.there(target.externalId)).toMatchObject({ firstName: 'Noor', city: 'Den Haag' });
  });

  test.each([
    ['firstName', 'No\u0007or'],
    ['lastName', 'van\tDijk'],
    ['nickName', `Noor${turned}rooN`],
    ['city', 'Den\nHaag'],
    ['email', `noor${zeroWidth}@example.org`],
    ['email', 'no\u00ador@example.org'],
    ['email', 'noor\u0007@example.org'],
  ])('with %s %j is 422 naming the field, and nothing is written anywhere', async (field, value) => {
    const { result, writes } = await s.writesDuring(() => s.put('admin', at, { suffix: 'X', [field]: value }));

    expect([result.status, result.body.errors.length, result.body.errors[0].pointer]).toEqual([422, 1, `/${field}`]);
    expect([writes, (await s.row(target.at[1]!))?.suffix]).toEqual([0, 'B']);
  });

  test('with an invisible character in an address makes no second person of one address', async () => {
    const { result, writes } = await s.writesDuring(() =>
      s.post('admin', users(2), { email: target.email.replace('@', `${zeroWidth}@`) }),
    );

    expect([result.status, result.body.errors[0].pointer, writes]).toEqual([422, '/email', 0]);
  });

  test('of a whole record changes the postcode by either of its two names', async () => {
    const record = async () => (await s.get('admin', at)).body as Record<string, unknown>;

    const byOther = await s.put('admin', at, { ...(await record()), zipCode: '9999 ZZ' });
    expect([byOther.status, byOther.body.postcode, byOther.body.zipCode]).toEqual([200, '9999 ZZ', '9999 ZZ']);
    const byName = await s.put('admin', at, { ...(await record()), postcode: '1111 AA' });
    expect([byName.status, byName.body.postcode, byName.body.zipCode]).toEqual([200, '1111 AA', '1111 AA']);
    const unchanged = await s.writesDuring(async () => s.put('admin', at, await record()));
    expect([unchanged.result.status, unchanged.writes]).toEqual([200, 0]);
  });
});

/** What an OpenStad API kept as it came, and a body may not bring. */
describe('what a row of an adopted database holds', () => {
  const odd = {
    ...{ firstName: 'Jan <jan', lastName: 'Jansen <b>Jr</b>', nickName: 'J\u0007', email: 'jan at example', city: ' ' },
    ...{ streetName: ' Dorpsstraat ', houseNumber: '7\tB', postcode: '12\t34', zipCode: '12\t34' },
    ...{ phoneNumber: '06\t12', suffix: '' },
  };
  const adopted = () => s.extraRow({ siteId: 1, ...odd });
  const refusedFields = ({ body }: { readonly body: { errors: readonly { pointer: string }[] } }) =>
    body.errors.map(({ pointer }) => pointer).sort();

  test('may be sent back in a whole form as it stands, and is not written', async () => {
    const id = await adopted();
    const at = user(1, id);
    const before = await s.row(id);
    const form = (await s.get('admin', at)).body as Record<string, unknown>;
    expect(form).toMatchObject(odd);

    const same = await s.put('admin', at, form);
    expect([same.status, same.body]).toEqual([200, form]);
    expect(await s.row(id)).toEqual(before);
    const changed = await s.put('admin', at, { ...form, gender: 'male' });
    expect([changed.status, changed.body]).toEqual([200, { ...form, gender: 'male', updatedAt: expect.any(String) }]);
  });

  test('keeps the rule where it is changed: each field that is wrong is named', async () => {
    const at = user(1, await adopted());
    const form = (await s.get('admin', at)).body as Record<string, unknown>;
    const answer = await s.put('admin', at, { ...form, firstName: 'Jan <jans', phoneNumber: '06\t13', city: 'Ede' });
    expect([answer.status, refusedFields(answer)]).toEqual([422, ['/firstName', '/phoneNumber']]);
    expect((await s.put('admin', at, { ...form, firstName: 'Piet <i>' })).status).toBe(200);
    // What was taken as it stood there is no more.
    expect((await s.put('admin', at, form)).status).toBe(422);
  });

  test('answers nobody who may not see it whether a guess was right', async () => {
    const id = await s.extraRow({ siteId: 1, ...odd, detailsViewableByRole: 'admin' });
    const guesses = [];
    for (const firstName of [odd.firstName, 'Piet <piet'])
      guesses.push(await s.put('moderator', user(1, id), { firstName }));
    expect(guesses.map((guess) => [guess.status, refusedFields(guess)])).toEqual([
      [422, ['/firstName']],
      [422, ['/firstName']],
    ]);
    // Nor is a user who is not there told from a value that does not fit.
    expect((await s.put('admin', user(1, 987_654), { firstName: odd.firstName })).status).toBe(422);
  });
});

describe('a profile', () => {
  const view = (somebody: Somebody) => s.get('admin', user(1, somebody.at[1]!), { 'cache-control': 'no-cache' });

  test('is shown without what a body may not hold, and drift lists it', async () => {
    const target = await s.person({ at: { 1: 'member' } });
    await writeThere(s.world, target.externalId, {
      firstName: ` No\u0007or${turned} `,
      lastName: zeroWidth,
      email: target.email.replace('@', `${zeroWidth}@`),
      extraData: { nickName: [{ value: ' \u2800 ', siteId: 1 }] },
    });

    const { status, body } = await view(target);

    expect([status, body.firstName, body.lastName, body.email, body.nickName]).toEqual([
      200,
      'Noor',
      null,
      target.email,
      null,
    ]);
    expect([body.displayName, body.initials]).toEqual(['Noor', 'N']);
    const drift = await s.get('admin', '/api/user/drift?kind=does-not-fit&pageSize=1000');
    expect(JSON.stringify(drift.body)).toContain('"firstName"');
  });
});

test('rows that hold names of blanks show none of them', async () => {
  const target = await s.person({ at: { 1: 'member' }, columns: { nickName: ' ', firstName: '\u3164' } });

  const { body } = await s.get(null, user(1, target.at[1]!));

  expect([body.displayName, body.initials]).toEqual(['van Dijk', 'VD']);
});
