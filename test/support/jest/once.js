// Slow, and about what hardly depends on the database: `.ci/run` has each of them on one only (RUN_ONCE), where it shows more or costs
// less; `npm run test:rest` and `npm run test:mysql` by themselves have all.
const isOnce = (process.env.RUN_ONCE ?? '') !== '';

const whereItCostsLess = [
  'authorization/(matrix|order-of-refusals)',
  'cli/(help|interrupts|person|receipt|runs)',
  'client/',
  'clients/',
  'journeys/(log-holds-no-secret|odd-requests|program|stopping|workers|workers-end)',
  // What holds up the event loop, and limits: the embedded database works on the same one.
  'attacks/(busy-program|cost|crowded-site|filled-pages|guesses-|keeps-busy|large-answers|lists-by-accounts|longest-hold)',
  'attacks/(console-|many-large-bodies|own-large-config|bodies-that-wait|pipelined|slow-readers|unread-lists)',
];
const whereItShowsMore = [
  'adoption/(adopted-|command|dry-run|killed|odd-values|recorded-adoption)',
  'attacks/(claimed-address|creation-followed-up|database-writer|rights-while-reading|site-admin-waits|unread-contributions)',
  'authorization/other-site',
  'browser/console-walk',
  'cli/(database|upkeep)',
  'faults/',
  'journeys/(anonymize-site-instances|cached-actor|first-fetch|lost-replies|oauth-trouble|outbox|taken-addresses)',
  'journeys/two-instances-sites',
  'races/',
];
const patterns = (names) => (isOnce ? names.map((name) => `<rootDir>/test/${name}`) : []);

export const leftToMysql = patterns(whereItShowsMore);
export const leftToEmbedded = patterns(whereItCostsLess);
