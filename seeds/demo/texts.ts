/** What people propose: site, title, summary, description (HTML, as editors write it). Invented, for the demo only. */
// prettier-ignore
export const ideaTexts: readonly (readonly [siteId: number, title: string, summary: string, description: string])[] = [
  [1, 'Bankjes op het Waterlooplein', 'Zitten zonder iets te hoeven kopen.', '<p>Zet tien <b>houten banken</b> in een kring om de bomen. Dan is het plein ook na de markt van iedereen.</p>'],
  [1, 'Fietsenstalling onder de brug', 'Driehonderd plekken, uit het zicht.', '<p>Onder de brug is ruimte die nu niemand gebruikt. Met goed licht is het een fijne stalling.</p>'],
  [1, 'Autovrije zondag in de negen straatjes', 'Eén zondag per maand spelen op straat.', '<p>Winkels blijven open, kinderen tekenen met <i>stoepkrijt</i>.</p>'],
  [1, 'Een drinkfonteintje op elke hoek', 'Minder plastic, meer water.', '<p>Te beginnen bij het station, de bibliotheek en het sportveld.</p>'],
  [1, 'Gevelgroen in de Kalverstraat', 'Klimplanten tegen de hitte.', '<p>Op een zomerdag is het hier vijf graden warmer dan in het park. Groen helpt.</p>'],
  [1, 'Open toilet bij het Spui', 'Voor wie niet elk café in durft.', '<p>Schoon, gratis, en ook &#39;s avonds open.</p>'],
  [2, 'Pluktuin in het Oosterpark', 'Appels, bessen en kruiden voor de buurt.', '<p>De school ernaast wil meehelpen met snoeien en plukken.</p>'],
  [2, 'Bijenhotels langs de ringvaart', 'Twintig hotels, gemaakt door buurtkinderen.', '<p>Het hout komt van gekapte bomen uit de wijk.</p>'],
  [2, 'Een hondenveld met hek', 'Rennen zonder riem, picknicken zonder hond.', '<p>Nu lopen die twee door elkaar. Een <b>laag hek</b> is genoeg.</p>'],
  [2, 'Tiny forest op het parkeerterrein', 'Zeshonderd bomen op een tennisveld.', '<p>Er staan er overdag nooit meer dan vier auto&#39;s.</p>'],
  [2, 'Buitenfitness voor ouderen', 'Toestellen op hoogte, met uitleg.', '<p>Naast het water, met een bankje erbij.</p>'],
  [2, 'Minder lampen, meer sterren', 'Vleermuizen houden van donker.', '<p>Rood licht langs het pad is genoeg om te lopen.</p>'],
  [3, 'Zwemtrap in de haven', 'Veilig het water in en uit.', '<p>Het water is schoon genoeg: dat is drie zomers gemeten.</p>'],
  [3, 'Loods 6 als makersplaats', 'Werkplaatsen voor hout, metaal en textiel.', '<p>De huur kan laag blijven als de makers zelf verbouwen.</p>'],
  [3, 'Een pontje naar de overkant', 'Om de twintig minuten, ook voor fietsen.', '<p>Nu is het een half uur omrijden.</p>'],
  [3, 'Hijskraan als uitkijkpunt', 'De oude kraan blijft staan.', '<p>Met een trap en een kijker, voor <b>iedereen</b> die hoog durft.</p>'],
  [4, 'Waterspeelplaats in Noord', 'Een pomp, geultjes en zand.', '<p>Dit is er gekomen: zie de foto&#39;s.</p>'],
  [4, 'Een schommel voor rolstoelen', 'Zodat iedereen mee kan doen.', '<p>Er staan er nu twee.</p>'],
];

/** What others say of an idea; `for` and `against` by turns. */
export const argumentTexts: readonly string[] = [
  'Goed plan, dit missen we al jaren.',
  'Wie gaat dit onderhouden? Daar lees ik niets over.',
  'Mijn <b>kinderen</b> zouden hier elke dag komen.',
  'Ik vrees voor herrie in de avond.',
  'Kan dit ook met materiaal uit de buurt?',
  'Liever eerst de stoep maken.',
  'Ik help graag mee op zaterdag.',
  'Het geld kan beter naar de bibliotheek.',
];

/** What the municipality tells: site, title, summary, text. */
// prettier-ignore
export const articleTexts: readonly (readonly [siteId: number, title: string, summary: string, description: string])[] = [
  [1, 'Zo kiest u een plan', 'Stemmen kan tot en met de zomer.', '<p>U mag op zoveel plannen stemmen als u wilt.</p>'],
  [1, 'Inloopavond in de Oude Kerk', 'Kom kijken naar de eerste tekeningen.', '<p>Woensdag van zeven tot negen, koffie staat klaar.</p>'],
  [2, 'Wat groen doet tegen hitte', 'Metingen van vorig jaar.', '<p>Onder bomen is het tot <b>zeven graden</b> koeler.</p>'],
  [3, 'De stemming is gesloten', 'Dank aan iedereen die meedeed.', '<p>De uitslag volgt in januari.</p>'],
  [4, 'Alle speeltuinen zijn klaar', 'Een terugblik.', '<p>Van achttien ideeën zijn er twee gebouwd.</p>'],
];
