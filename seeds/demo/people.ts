import type { JsonObject } from '../../src/domain/json.ts';
import type { UserRole } from '../../src/domain/actor.ts';

/** One human of the demo world, as written below. */
export interface Sketch {
  readonly firstName: string;
  readonly lastName: string;
  readonly street: string;
  readonly houseNumber: string;
  readonly postcode: string;
  readonly sites: readonly number[];
  /** At the one OAuth client that the demo's sites share. */
  readonly role?: UserRole;
  /** At the client of the platform's own site. */
  readonly platformRole?: UserRole;
  /** Raw, as the OAuth server holds it: plain values, and `{value, siteId}`. */
  readonly extraData?: JsonObject;
}

const here = (value: string | boolean, siteId: number): JsonObject => ({ value, siteId });

/** Some thirty people, a third of them on several sites. The first is the example of user-api.md §4. */
// prettier-ignore
export const sketches: readonly Sketch[] = [
  { firstName: 'Niels', lastName: 'Vegter', street: 'Kerkstraat', houseNumber: '12', postcode: '1017 GA', sites: [1, 2, 3], extraData: { bio: ['Bio van Niels', { value: 'Bio van Niels op site 2', siteId: 2 }] } },
  { firstName: 'Anouk', lastName: 'de Wit', street: 'Prinsengracht', houseNumber: '204', postcode: '1016 HD', sites: [1, 2], extraData: { wijk: 'Jordaan', nickName: [here('Anouk020', 1)], listableByRole: [here('all', 1), here('member', 2)] } },
  { firstName: 'Youssef', lastName: 'El Amrani', street: 'Javastraat', houseNumber: '88', postcode: '1094 HL', sites: [1, 3], extraData: { bio: 'Vader van drie, fietst overal heen.', interesses: ['verkeer', 'spelen'] } },
  { firstName: 'Fleur', lastName: 'Dijkstra', street: 'Haarlemmerdijk', houseNumber: '31', postcode: '1013 KA', sites: [1, 2, 4], extraData: { motto: ['Doe maar gewoon.', here('Eerst het groen.', 2)], signedUpForNewsletter: [here(true, 2)] } },
  { firstName: 'Sem', lastName: 'Bakker', street: 'Overtoom', houseNumber: '410', postcode: '1054 JR', sites: [2, 3], extraData: { wijk: 'Oud-West', gender: [here('male', 2)] } },
  { firstName: 'Dilara', lastName: 'Yılmaz', street: 'Dapperstraat', houseNumber: '5', postcode: '1093 BS', sites: [1, 2, 3, 4], extraData: { expertise: ['stedenbouw', here('waterbeheer', 3)], listableByRole: [here('all', 1), here('all', 2), here('all', 3)] } },
  { firstName: 'Pieter', lastName: 'van Rijn', street: 'Sarphatistraat', houseNumber: '77', postcode: '1018 EX', sites: [1, 4], extraData: { notitie: 'Belt liever dan dat hij mailt.' } },
  { firstName: 'Mei', lastName: 'Chen', street: 'Zeedijk', houseNumber: '106', postcode: '1012 BB', sites: [1, 2], role: 'moderator', extraData: { bio: 'Let op de goede toon.' } },
  { firstName: 'Lotte', lastName: 'Kuipers', street: 'Cruquiuskade', houseNumber: '9', postcode: '1018 AM', sites: [2, 3, 4], extraData: { wijk: 'Oostelijk Havengebied', listableByRole: [here('member', 3)] } },
  { firstName: 'Ruben', lastName: 'Oosterhuis', street: 'Ferdinand Bolstraat', houseNumber: '120', postcode: '1072 LP', sites: [1, 3], extraData: { interesses: ['kunst', 'muziek'] } },
  { firstName: 'Saar', lastName: 'Hendriks', street: 'Elandsgracht', houseNumber: '57', postcode: '1016 TN', sites: [1], extraData: { nickName: [here('Saartje', 1)], listableByRole: [here('all', 1)] } },
  { firstName: 'Bilal', lastName: 'Haddou', street: 'Bos en Lommerweg', houseNumber: '230', postcode: '1055 EK', sites: [1], extraData: { bio: 'Student bouwkunde.' } },
  { firstName: 'Tess', lastName: 'Mulder', street: 'Linnaeusstraat', houseNumber: '19', postcode: '1092 CJ', sites: [1] },
  { firstName: 'Joris', lastName: 'Verhoeven', street: 'Utrechtsestraat', houseNumber: '63', postcode: '1017 VJ', sites: [1], extraData: { listableByRole: [here('member', 1)] } },
  { firstName: 'Amina', lastName: 'Osman', street: 'Wibautstraat', houseNumber: '131', postcode: '1091 GL', sites: [1], extraData: { wijk: 'Oost', detailsViewableByRole: [here('editor', 1)] } },
  { firstName: 'Koen', lastName: 'Smit', street: 'Westerstraat', houseNumber: '187', postcode: '1015 MA', sites: [1] },
  { firstName: 'Iris', lastName: 'van der Meer', street: 'Middenweg', houseNumber: '402', postcode: '1097 TM', sites: [2], extraData: { expertise: [here('bomen', 2)], listableByRole: [here('all', 2)] } },
  { firstName: 'Thijs', lastName: 'Postma', street: 'Admiraal de Ruijterweg', houseNumber: '44', postcode: '1056 GL', sites: [2] },
  { firstName: 'Naomi', lastName: 'Pinas', street: 'Bijlmerdreef', houseNumber: '1001', postcode: '1103 TV', sites: [2], extraData: { bio: 'Moestuin, bijen en buren.', nickName: [here('Bijenkoningin', 2)] } },
  { firstName: 'Gerrit', lastName: 'Hofstra', street: 'Spaarndammerstraat', houseNumber: '612', postcode: '1013 TJ', sites: [2] },
  { firstName: 'Zoë', lastName: 'Brouwer', street: 'Beukenweg', houseNumber: '8', postcode: '1091 KJ', sites: [2], extraData: { interesses: ['natuur'] } },
  { firstName: 'Ahmet', lastName: 'Kaya', street: 'Mercatorplein', houseNumber: '3', postcode: '1057 CA', sites: [2] },
  { firstName: 'Marieke', lastName: 'Jansen & Zn', street: 'Lauriergracht', houseNumber: '116', postcode: '1016 RR', sites: [2] },
  { firstName: 'Daan', lastName: 'Scholten', street: 'Piet Heinkade', houseNumber: '211', postcode: '1019 HM', sites: [3], extraData: { wijk: 'Zeeburg' } },
  { firstName: 'Eline', lastName: 'Visser', street: 'Veemkade', houseNumber: '576', postcode: '1019 BL', sites: [3] },
  { firstName: 'Omar', lastName: 'Bouzidi', street: 'Panamalaan', houseNumber: '10', postcode: '1019 AZ', sites: [3], extraData: { bio: 'Schipper op de veerpont.' } },
  { firstName: 'Hanneke', lastName: 'Prins', street: 'KNSM-laan', houseNumber: '297', postcode: '1019 LE', sites: [3], role: 'editor' },
  { firstName: 'Floris', lastName: 'ten Have', street: 'Borneokade', houseNumber: '41', postcode: '1019 AW', sites: [3] },
  { firstName: 'Jasmijn', lastName: 'Schouten', street: 'Purmerplein', houseNumber: '22', postcode: '1023 AZ', sites: [4] },
  { firstName: 'Willem', lastName: "van 't Hof", street: 'Nieuwendammerdijk', houseNumber: '301', postcode: '1023 BH', sites: [4] },
  { firstName: 'Soraya', lastName: 'Ramdin', street: 'Buikslotermeerplein', houseNumber: '14', postcode: '1025 EX', sites: [4], extraData: { expertise: 'veilig spelen' } },
  { firstName: 'Marleen', lastName: 'de Graaf', street: 'Amstel', houseNumber: '1', postcode: '1011 PN', sites: [5], platformRole: 'admin' },
];
