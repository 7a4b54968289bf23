import { extraDataErrors } from '../../src/domain/users/extra-data.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { siteConfigOf } from '../../src/domain/sites/site.ts';
import { perSiteFields } from '../../src/domain/users/user-fields.ts';

const keys: JsonObject = {
  wijk: { values: ['Oost', 'West'] },
  leeftijd: { type: 'number' },
  naam: { type: 'string' },
  lid: { type: 'boolean' },
  lijst: { type: 'array' },
  kaart: { type: 'object' },
  formulier: { type: 'textarea' },
};
const config = siteConfigOf({ users: { extraData: keys } });
const strict = siteConfigOf({ users: { extraData: keys, extraDataMustBeDefined: true } });
const wrong = (change: unknown, by = config) => extraDataErrors(change as JsonObject, by).map(({ pointer }) => pointer);

it.each([
  [{}],
  [{ bio: 'x', anything: { deep: [1, { a: null }] } }],
  [{ bio: null, wijk: null, leeftijd: null }],
  [{ bio: '', lijst: [], kaart: {}, naam: '', leeftijd: 0, lid: false, wijk: 'Oost', formulier: 7 }],
  [{ lijst: [{ value: 1 }], kaart: { inside: { siteId: 1 } } }],
])('%j is taken', (change) => {
  expect(wrong(change)).toEqual([]);
});

it.each([
  [{ wijk: 'Noord' }, '/extraData/wijk'],
  [{ wijk: 'oost' }, '/extraData/wijk'],
  [{ leeftijd: '7' }, '/extraData/leeftijd'],
  [{ naam: 7 }, '/extraData/naam'],
  [{ lid: 'true' }, '/extraData/lid'],
  [{ lijst: {} }, '/extraData/lijst'],
  [{ kaart: [] }, '/extraData/kaart'],
  [{ bio: { siteId: 2, value: 'x' } }, '/extraData/bio'],
  [{ bio: { siteId: null } }, '/extraData/bio'],
  [{ bio: ['x', { siteId: 2 }] }, '/extraData/bio'],
  [{ 'a/b~c': { siteId: 2 } }, '/extraData/a~1b~0c'],
  [{ constructor: 1 }, '/extraData/constructor'],
  [{ bio: { a: [{ prototype: 1 }] } }, '/extraData/bio'],
  [JSON.parse('{"__proto__": 1}'), '/extraData/__proto__'],
  [JSON.parse('{"bio": {"__proto__": 1}}'), '/extraData/bio'],
])('%j is refused', (change, pointer) => {
  expect(wrong(change)).toEqual([pointer]);
});

it.each(perSiteFields)('%s is a field, and refused inside extraData', (field) => {
  expect(wrong({ [field]: null })).toEqual([`/extraData/${field}`]);
});

it('tells every wrong key at once', () => {
  expect(wrong({ wijk: 'Noord', bio: 'goed', leeftijd: 'x' })).toEqual(['/extraData/wijk', '/extraData/leeftijd']);
});

it('refuses keys that the site did not define, where it says so', () => {
  expect(wrong({ wijk: 'Oost', bio: 'x' }, strict)).toEqual(['/extraData/bio']);
});
