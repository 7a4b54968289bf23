import { ruleOf, userFieldNames } from '../../../src/domain/users/user-fields.ts';
import { contractFields } from './support/contract-fields.ts';
import type { Somebody } from './support/people.ts';
import { refusal, startSentences, user, users, type SentenceWorld, type Who } from './support/world.ts';

/** user-api.md §2, the column "Write". */
let s: SentenceWorld;
let target: Somebody;
const actors: Record<string, Who> = { anonymous: 6, member: 4, moderator: 3, editor: 5, admin: 2 };

beforeAll(async () => {
  s = await startSentences();
  target = await s.person({ at: { 1: 'member' } });
  actors['owner'] = target.at[1]!;
});
afterAll(() => s.close());

const writable = Object.entries(contractFields).filter(([, line]) => line.values !== undefined);
const mayWrite = (writers: string, actor: string): boolean => {
  if (actor === 'owner') return writers.includes('owner');
  if (writers.includes('mod')) return ['moderator', 'editor', 'admin'].includes(actor);
  return writers.includes('editor') && ['editor', 'admin'].includes(actor);
};
/** The actor's word against that of the contract, for one field. */
const newValue = async (field: string): Promise<unknown> => {
  const { body } = await s.get('admin', user(1, target.at[1]!));
  return contractFields[field]?.values?.find((value) => value !== body[field]);
};

describe('the table of fields', () => {
  test('says of every column who may write it as the contract says', () => {
    const said = (writers: readonly string[]) => {
      const name = writers.map((who) => (who === 'moderator' ? 'mod' : who)).join(', ');
      return name === '' ? '–' : name;
    };
    // zipCode is taken as postcode before the table is asked; extraData and role have rules of their own.
    const asked = userFieldNames.filter(
      (field) => !['zipCode', 'extraData', 'role'].includes(field) && field in contractFields,
    );
    expect(asked.map((field) => [field, said(ruleOf(field).create), said(ruleOf(field).update)])).toEqual(
      asked.map((field) => [field, contractFields[field]?.create, contractFields[field]?.update]),
    );
  });
});

describe.each(writable)('%s', (field, line) => {
  test.each(Object.keys({ ...actors, owner: 0 }))(
    'as the table says, is or is not set with PUT by: %s',
    async (actor) => {
      const value = await newValue(field);
      const before = (await s.get('admin', user(1, target.at[1]!))).body;

      const { result, writes } = await s.writesDuring(() =>
        s.put(actors[actor]!, user(1, target.at[1]!), { [field]: value }),
      );

      const after = (await s.get('admin', user(1, target.at[1]!))).body;
      if (mayWrite(line.update, actor)) {
        expect([result.status, result.body[field], after[field], writes]).toEqual([200, value, value, 1]);
      } else {
        const rule = ['anonymous', 'member'].includes(actor)
          ? ['owner-or-moderator']
          : ['field-not-writable', field === 'zipCode' ? 'postcode' : field];
        expect([...refusal(result), writes]).toEqual([403, ...rule, 0]);
        expect(after).toEqual(before);
      }
    },
  );

  test.each(['moderator', 'editor', 'admin'])('as the table says, is or is not set with POST by: %s', async (actor) => {
    const value = field === 'email' ? `${actor}@example.org` : line.values?.[0];
    const email = `${field.toLowerCase()}-${actor}@example.org`;
    // Nobody but the owner opens their details to a role below moderator.
    const answer = await s.post(actors[actor]!, users(1), { email, [field]: value });

    if (mayWrite(line.create, actor)) {
      expect([answer.status, answer.body[field]]).toEqual([201, value]);
      expect((await s.row(answer.body.id as number))?.[field as 'city']).toBe(value);
    } else {
      expect(refusal(answer)).toEqual([403, 'field-not-writable', field]);
      expect(s.world.oauth.server.people().some((one) => one.email === email)).toBe(false);
    }
  });
});

describe('a field that nobody can write', () => {
  const nobodys = Object.entries(contractFields).flatMap(([field, line]) =>
    line.update === '–' && !['extraData', 'role'].includes(field) ? [field] : [],
  );
  test.each([
    ...nobodys,
    'personId',
    'slot',
    'externalAccessToken',
    'profileWithheld',
    'addressWritten',
    'password',
    'isAdmin',
  ])('%s is ignored, so that a client may send back what it got', async (field) => {
    const before = await s.row(target.at[1]!);
    const { result, writes } = await s.writesDuring(() => s.put('admin', user(1, target.at[1]!), { [field]: 7 }));
    expect([result.status, writes]).toEqual([200, 0]);
    expect(await s.row(target.at[1]!)).toEqual(before);
  });
});

describe('zipCode is another name for postcode', () => {
  test('in bodies and answers; where both are given postcode wins', async () => {
    const one = await s.put('admin', user(1, target.at[1]!), { zipCode: '5555EE' });
    expect([one.body.postcode, one.body.zipCode]).toEqual(['5555EE', '5555EE']);
    const both = await s.put('admin', user(1, target.at[1]!), { zipCode: '6666FF', postcode: '7777GG' });
    expect([both.body.postcode, both.body.zipCode, s.there(target.externalId)?.postcode]).toEqual([
      '7777GG',
      '7777GG',
      '7777GG',
    ]);
  });
});

describe('detailsViewableByRole below moderator is set by the owner only', () => {
  test.each(['all', 'anonymous', 'member'])('%s', async (role) => {
    const path = user(1, target.at[1]!);
    expect(refusal(await s.put('admin', path, { detailsViewableByRole: role }))).toEqual([
      403,
      'exposing-is-for-the-owner',
      'detailsViewableByRole',
    ]);
    expect((await s.put(target.at[1]!, path, { detailsViewableByRole: role })).body.detailsViewableByRole).toBe(role);
  });

  test('also where somebody is created', async () => {
    const answer = await s.post('admin', users(1), { email: 'exposed@example.org', detailsViewableByRole: 'all' });
    expect(refusal(answer)).toEqual([403, 'exposing-is-for-the-owner', 'detailsViewableByRole']);
  });
});

describe('nickName exists only where users.allowUseOfNicknames', () => {
  test('elsewhere it is absent from answers, refused in bodies, and no way to ask by', async () => {
    const { at } = await s.person({ at: { 3: 'member' }, extraData: { nickName: [{ value: 'Bijnaam', siteId: 3 }] } });
    const seen = await s.get('admin', user(3, at[3]!));
    expect([seen.body.displayName, 'nickName' in seen.body]).toEqual(['Noor van Dijk', false]);
    expect(refusal(await s.put(at[3]!, user(3, at[3]!), { nickName: 'X' }))).toEqual([
      403,
      'nicknames-not-allowed',
      'nickName',
    ]);
    expect((await s.get('admin', `${users(3)}?sort=nickName_asc`)).status).toBe(400);
  });
});
