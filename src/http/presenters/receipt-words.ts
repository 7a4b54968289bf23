import type { ActivityPlural } from '../../activity-types/index.ts';
import type { Disposition } from '../../activity-types/definition.ts';
import type { ActorKind, OperationCall } from '../../ports/audit.ts';
import type { OauthProgress } from '../../use-cases/audit/read-operation.ts';
import type { PageLanguage } from '../requests/headers.ts';

/** What the page of a receipt says. */
export interface ReceiptWords {
  readonly title: string;
  readonly intro: string;
  readonly what: string;
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  readonly users: string;
  readonly late: string;
  readonly oauth: string;
  readonly values: string;
  readonly settledAt: string;
  readonly operation: string;
  readonly digest: string;
  readonly sealedAs: string;
  readonly issuedAt: string;
  readonly counts: string;
  readonly site: string;
  readonly noSite: string;
  readonly together: string;
  readonly nothing: string;
  readonly contribution: string;
  readonly became: string;
  readonly number: string;
  readonly dispositions: Readonly<Record<Disposition, string>>;
  readonly marks: string;
  readonly proof: string;
  readonly howToVerify: string;
  readonly calls: Readonly<Record<OperationCall, string>>;
  readonly kinds: Readonly<Record<ActorKind, string>>;
  readonly removals: Readonly<Record<OauthProgress['removal'], string>>;
  readonly valueOutcomes: Readonly<Record<OauthProgress['values'], string>>;
  readonly contributions: Readonly<Record<ActivityPlural, string>>;
}

export const receiptWords: Readonly<Record<PageLanguage, ReceiptWords>> = {
  en: {
    title: 'Receipt of an anonymization',
    intro: 'This is what was done, and what the login server has answered by now. It names nobody. All times are UTC.',
    what: 'What was done',
    at: 'When',
    by: 'Asked by',
    reason: 'Reason given',
    users: 'User records',
    late: 'Came late, and went as well',
    oauth: 'The person at the login server',
    values: 'Their values for these sites there',
    settledAt: 'Answered there',
    operation: 'Operation',
    digest: 'Digest of the plan',
    sealedAs: 'Seal in the audit',
    issuedAt: 'This receipt was made',
    counts: 'Contributions',
    site: 'Site',
    noSite: 'a site that is gone',
    together: 'All',
    nothing: 'None.',
    contribution: 'Kind',
    became: 'What became of it',
    number: 'How many',
    dispositions: {
      keep: 'Kept, under the replaced name',
      anonymize: 'Kept, without network address',
      remove: 'Removed',
    },
    marks: 'To be found again by',
    proof: 'Signature',
    howToVerify: 'This text is the proof: a JWS, signed with Ed25519. The keys that verify it are at',
    calls: {
      'do-anonymize': 'Anonymized at one site',
      'do-anonymizeall': 'Anonymized at several sites',
      'do-anonymize-all-users': 'Anonymized together with everybody at the site',
      delete: 'Deleted',
      'found anonymized': 'Anonymized by another program, and once more by this one',
    },
    kinds: {
      owner: 'the person',
      staff: 'a moderator or above',
      console: 'a moderator or above, at the console',
      'fixed-token': 'a program of the platform',
      client: 'a management client',
      cli: 'an operator, at the command line',
      'openstad-api': 'another program',
    },
    removals: {
      none: 'not concerned',
      pending: 'will be removed; the server has not answered yet',
      removed: 'removed',
      kept: 'kept',
      unknown: 'not known',
    },
    valueOutcomes: {
      none: 'not concerned',
      pending: 'will be withdrawn; the server has not answered yet',
      withdrawn: 'withdrawn',
      unsupported: 'none were ever written',
    },
    contributions: { ideas: 'Ideas', articles: 'Articles', arguments: 'Arguments', votes: 'Votes' },
  },
  nl: {
    title: 'Bewijs van anonimisering',
    intro:
      'Hier leest u wat er met de gegevens is gedaan, en wat de inlogserver daarover tot nu toe heeft laten weten. Er staan geen namen in. Alle tijden zijn in UTC.',
    what: 'Wat er is gedaan',
    at: 'Wanneer',
    by: 'Op verzoek van',
    reason: 'Zaaknummer',
    users: 'Aantal gebruikers (één per site)',
    late: 'Nagekomen bijdragen, ook behandeld',
    oauth: 'Het account bij de inlogserver',
    values: 'Gegevens voor deze sites bij de inlogserver',
    settledAt: 'Laatste bericht van de inlogserver',
    operation: 'Kenmerk van de handeling',
    digest: 'Vingerafdruk van wat vooraf is getoond',
    sealedAs: 'Zegel in het logboek',
    issuedAt: 'Dit bewijs is opgemaakt op',
    counts: 'Bijdragen',
    site: 'Site',
    noSite: 'een site die niet meer bestaat',
    together: 'Samen',
    nothing: 'Geen.',
    contribution: 'Soort',
    became: 'Wat ermee is gebeurd',
    number: 'Aantal',
    dispositions: {
      keep: 'Blijft staan, onder de vervangen naam',
      anonymize: 'Blijft staan, zonder netwerkadres',
      remove: 'Verwijderd',
    },
    marks: 'Terug te vinden met',
    proof: 'Handtekening',
    howToVerify:
      'Deze tekst is het eigenlijke bewijs: een JWS, ondertekend met Ed25519. De sleutels om de handtekening te controleren staan op',
    calls: {
      'do-anonymize': 'Geanonimiseerd op één site',
      'do-anonymizeall': 'Geanonimiseerd op meerdere sites',
      'do-anonymize-all-users': 'Geanonimiseerd samen met iedereen op de site',
      delete: 'Verwijderd',
      'found anonymized': 'Geanonimiseerd door een ander programma, en daarna nogmaals door dit programma',
    },
    kinds: {
      owner: 'de persoon zelf',
      staff: 'een moderator of beheerder',
      console: 'een moderator of beheerder, in de console',
      'fixed-token': 'een programma van het platform',
      client: 'een beheerprogramma',
      cli: 'een beheerder, op de opdrachtregel',
      'openstad-api': 'een ander programma',
    },
    removals: {
      none: 'niet van toepassing',
      pending: 'wordt verwijderd; de inlogserver heeft dat nog niet bevestigd',
      removed: 'verwijderd',
      kept: 'gebleven',
      unknown: 'niet bekend',
    },
    valueOutcomes: {
      none: 'niet van toepassing',
      pending: 'worden ingetrokken; de inlogserver heeft dat nog niet bevestigd',
      withdrawn: 'ingetrokken',
      unsupported: 'zijn daar nooit opgeslagen',
    },
    contributions: { ideas: 'Inzendingen', articles: 'Artikelen', arguments: 'Reacties', votes: 'Stemmen' },
  },
};
