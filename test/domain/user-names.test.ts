import { siteConfigOf } from '../../src/domain/sites/site.ts';
import { displayName, fullName, initials } from '../../src/domain/users/user-visibility.ts';

const niels = { firstName: 'Niels', lastName: 'Vegter', nickName: 'nv', anonymizedAt: null };
const plain = siteConfigOf({});
const withNicks = siteConfigOf({ users: { allowUseOfNicknames: true } });
const onlyNicks = siteConfigOf({ users: { displayName: 'nick', allowUseOfNicknames: true } });

it.each([
  ['the full name', plain, niels, 'Niels Vegter'],
  ['the nick name where the site allows them', withNicks, niels, 'nv'],
  ['the full name where there is no nick name', withNicks, { ...niels, nickName: null }, 'Niels Vegter'],
  ['the full name where the nick name is empty', withNicks, { ...niels, nickName: '' }, 'Niels Vegter'],
  ['the nick name where the site shows no other', onlyNicks, niels, 'nv'],
  [
    'nobody in particular where the site shows nick names and there is none',
    onlyNicks,
    { ...niels, nickName: null },
    'Deelnemer',
  ],
  ['nobody in particular where it is empty', onlyNicks, { ...niels, nickName: '' }, 'Deelnemer'],
  [
    'the replaced name after anonymizing',
    onlyNicks,
    { firstName: 'Gebruiker', lastName: 'verwijderd', nickName: null, anonymizedAt: new Date() },
    'Gebruiker verwijderd',
  ],
  ['one name where there is one', plain, { ...niels, firstName: null }, 'Vegter'],
  ['no name where there is none', plain, { ...niels, firstName: '', lastName: null }, null],
])('everybody sees %s', (_what, config, user, shown) => {
  expect(displayName(user, config)).toBe(shown);
});

it('the full name leaves out what is not there', () => {
  expect(fullName({ firstName: 'Niels', lastName: '', nickName: null })).toBe('Niels');
});

it.each([
  ['Niels Vegter', 'NV'],
  ['Dilara van den Berg', 'DB'],
  ['nv', 'N'],
  ['  zoë   brouwer ', 'ZB'],
  ['🦊 Vos', '🦊V'],
  ['', ''],
  [null, ''],
])('the initials of %j are %j', (name, shown) => {
  expect(initials(name)).toBe(shown);
});
