import { seeded } from '../../support/seeded.ts';

const first = [
  ...[
    'Anouk',
    'Bram',
    'Chaïma',
    'Daan',
    'Eva',
    'Fatima',
    'Gijs',
    'Hanna',
    'Ilias',
    'José',
    'Kees',
    'Lotte',
    'Mohammed',
  ],
  ...['Noor', 'Olivier', 'Pien', 'Quinten', 'Roos', 'Sem', 'Tess', 'Umut', 'Vera', 'Willem', 'Xander', 'Yara', 'Zoë'],
];
const before = ['Berg', 'Dijk', 'Water', 'Noord', 'Zuid', 'Wester', 'Ooster', 'Hof', 'Veen', 'Linden', 'Meer', 'Zand'];
const behind = ['man', 'stra', 'huis', 'kamp', 'sma', 'veld', 'meijer', 'mans', 'brink', 'horst', 'laar', 'wijk'];
const places = ['Amsterdam', 'Diemen', 'Zaandam', 'Amstelveen', 'Purmerend'];

/** The last name of the first few at each site, whatever its size; nobody else bears it. */
export const rareName = 'Quispelzeldzaam';
export const rareBearers = 5;

/** One in some 25 bears the one, as many the other, and nobody both. */
export const commonNames = ['anouk', 'bram'] as const;

export interface Profile {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phoneNumber: string;
  readonly streetName: string;
  readonly houseNumber: string;
  readonly postcode: string;
  readonly city: string;
}

/** The same for the same number, always. */
export const profileOf = (number: number, seed: number): Profile => {
  const chance = seeded(Math.imul(number, 2_654_435_761) ^ seed);
  const firstName = chance.one(first);
  const lastName = `${chance.one(before)}${chance.one(behind)}`;
  return {
    firstName,
    lastName,
    email: `bewoner-${number}@bench.example`,
    phoneNumber: `06${String(10_000_000 + chance.below(89_999_999))}`,
    streetName: `${chance.one(before)}straat`,
    houseNumber: String(1 + chance.below(300)),
    postcode: `${1000 + chance.below(99)} AB`,
    city: chance.one(places),
  };
};
