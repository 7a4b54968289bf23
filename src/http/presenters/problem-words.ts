import type { Faults } from '../../domain/fault.ts';
import { allProblems, type ProblemCode } from '../problems.ts';
import type { PageLanguage } from '../requests/headers.ts';

/** What pages say of problems: the one that somebody is led to, and the one that explains a `type` to programmers. */
interface ProblemWords {
  /** Begins a login anew. */
  readonly again: string;
  readonly request: string;
  readonly example: string;
  readonly rules: string;
  readonly status: string;
  readonly texts: Readonly<Record<ProblemCode, { readonly title: string; readonly help: string }>>;
  /** For whoever was led to it: what they can do. Null: the sentence that goes out as JSON is in this language. */
  readonly sentences: Readonly<Record<ProblemCode, string>> | null;
  /** What is said of a login that does not count, by its reason. */
  readonly refused: Readonly<Record<Faults['login-refused']['reason'], string>> | null;
}

const later = 'Probeer het over een paar minuten opnieuw.';
const nothingChanged = 'Er is niets gewijzigd.';

/** In JSON titles and details are English, whatever language is asked for: programs compare them, and logs hold them. */
export const problemWords: Readonly<Record<PageLanguage, ProblemWords>> = {
  en: {
    again: 'Log in again',
    request: 'Number of this request',
    example: 'An example',
    rules: 'Rules that it can name',
    status: 'Status',
    texts: allProblems,
    sentences: null,
    refused: null,
  },
  nl: {
    again: 'Opnieuw inloggen',
    request: 'Nummer van dit verzoek',
    example: 'Een voorbeeld',
    rules: 'Regels die erin kunnen staan',
    status: 'Status',
    refused: {
      state:
        'U bent in een andere browser begonnen met inloggen, het is te lang geleden, of deze link is al gebruikt. Een link uit een e-mail opent vaak in een andere browser. Log opnieuw in.',
      code: 'De inlogserver heeft u niet doorgelaten, of de link is al gebruikt of te oud. Log opnieuw in.',
      claims: 'De inlogserver staat niet meer in voor dit account.',
    },
    sentences: {
      unauthenticated: 'U bent niet ingelogd, of uw sessie is verlopen. Log opnieuw in.',
      forbidden: `U hebt hier geen rechten voor. ${nothingChanged}`,
      'site-not-found': 'Deze site bestaat niet, of bestaat niet meer.',
      'user-not-found': 'Deze gebruiker is er niet, of u mag deze niet zien.',
      'not-found': 'Op dit adres staat niets. Controleer of u het hele adres hebt overgenomen.',
      'method-not-allowed': 'Dit adres kunt u niet op deze manier gebruiken.',
      'malformed-request': 'Het adres of het verzoek klopt niet. Ga terug naar de site waar u vandaan kwam.',
      'invalid-values': `Een of meer gegevens kloppen niet. ${nothingChanged}`,
      'body-too-large': `U stuurt meer dan wij kunnen ontvangen. ${nothingChanged}`,
      'unsupported-media-type': 'Wij kunnen niet lezen wat u stuurt.',
      conflict: 'Dit kan nu niet, zoals de gegevens er nu voor staan.',
      'precondition-failed': `De gegevens zijn intussen gewijzigd. Er is niets gedaan: kijk opnieuw.`,
      'plan-changed': 'Er zou iets anders gebeuren dan u hebt gezien. Er is niets gedaan: kijk opnieuw.',
      'preview-required': 'Bekijk eerst wat er zou gebeuren.',
      'result-too-large': 'Het antwoord is te groot om te tonen.',
      busy: `Het is nu te druk. ${nothingChanged} ${later}`,
      'not-ready': `De dienst is nu niet beschikbaar. ${later}`,
      'person-being-removed': `Uw account wordt op dit moment verwijderd. ${later}`,
      'oauth-not-configured':
        'Inloggen is voor deze site niet goed ingesteld. Neem contact op met de beheerder van de site.',
      'oauth-unreachable': `De inlogserver is niet bereikbaar. ${later}`,
      'oauth-refused': `De inlogserver gaf een antwoord waar wij niets mee kunnen. ${later}`,
      'oauth-timeout': `De inlogserver reageert te langzaam. ${later}`,
      'oauth-circuit-open': `De inlogserver is niet bereikbaar. ${later}`,
      'oauth-unsupported': 'De inlogserver van deze site kan dit niet.',
      'role-unconfirmed': `Uw rol kan nu niet worden bevestigd. ${later}`,
      'login-refused': 'Log opnieuw in.',
      'token-refused': 'Het verzoek om een token klopt niet.',
      'invalid-client': 'De sleutel of het geheim klopt niet.',
      'insufficient-scope': 'Het token geeft hier geen toegang toe.',
      'too-many-requests': 'U hebt dit te vaak gevraagd. Wacht een paar minuten en probeer het opnieuw.',
      'internal-error': `Er ging bij ons iets mis. ${later} Blijft het misgaan? Geef dan het nummer hieronder door.`,
    },
    texts: {
      unauthenticated: {
        title: 'U moet ingelogd zijn',
        help: 'Bij dit verzoek hoort een token. Het ontbrak, is onleesbaar, verlopen, ingetrokken of vervalst, of de gebruiker is er niet meer. Log opnieuw in en stuur het token mee als `X-Authorization: Bearer …` of `Authorization: Bearer …`.',
      },
      forbidden: {
        title: 'Dit mag u niet',
        help: 'Wij weten wie u bent, maar u mag dit niet. `rule` noemt de regel die dit tegenhoudt, en `field` het veld, als het om een veld gaat. Er is nergens iets gewijzigd.',
      },
      'site-not-found': {
        title: 'Site niet gevonden',
        help: 'Er is geen site met dit nummer of domein, of de site is verwijderd.',
      },
      'user-not-found': {
        title: 'Gebruiker niet gevonden',
        help: 'Deze gebruiker is er op deze site niet: nooit geweest, niet meer, alleen op een andere site, of niet zichtbaar voor u.',
      },
      'not-found': {
        title: 'Hier staat niets',
        help: 'Op dit adres staat niets. De adressen van deze API staan in /openapi.json, en om te lezen in /docs.',
      },
      'method-not-allowed': {
        title: 'Niet met deze methode',
        help: 'Het adres bestaat, maar niet voor deze methode. De header `Allow` noemt de methoden die wel kunnen.',
      },
      'malformed-request': {
        title: 'Het verzoek is niet te lezen',
        help: 'De inhoud is geen JSON-object, of een parameter, header of het adres is niet zoals beschreven. `errors` noemt ze een voor een; `pointer` is de naam van de parameter of header, of een JSON-pointer in de inhoud.',
      },
      'invalid-values': {
        title: 'Sommige waarden kloppen niet',
        help: 'De inhoud is te lezen, maar bevat waarden die niet zijn toegestaan, is dieper dan 32 niveaus, of bevat meer dan 10.000 sleutels en onderdelen van lijsten. `errors` noemt per fout veld een JSON-pointer: ten hoogste honderd, en van een lange sleutel het begin. Er is nergens iets gewijzigd.',
      },
      'body-too-large': {
        title: 'De inhoud is te groot',
        help: 'De inhoud is groter dan `limit`. Stuur minder.',
      },
      'unsupported-media-type': {
        title: 'Alleen JSON',
        help: 'De inhoud is JSON in UTF-8: stuur `Content-Type: application/json` mee.',
      },
      conflict: {
        title: 'Dit kan nu niet',
        help: 'Het verzoek is goed, maar past niet bij de toestand van dit moment. `rule` zegt waarom: bijvoorbeeld omdat iemand al op deze site is, een ander het e-mailadres al heeft, of een site nog niet is afgelopen.',
      },
      'precondition-failed': {
        title: 'Intussen gewijzigd',
        help: 'Wat u zag (de ETag in `If-Match`) is niet meer wat er staat. Er is niets gedaan: kijk opnieuw en beslis opnieuw.',
      },
      'plan-changed': {
        title: 'Niet wat u vooraf zag',
        help: 'Er zou iets anders gebeuren dan wat hoort bij de vingerafdruk in `If-Match`: een stem meer, nog een site, een stemming die is gesloten. Er is niets gedaan. `current` is de samenvatting van wat er nu zou gebeuren; vraag die opnieuw op en stuur de nieuwe vingerafdruk mee.',
      },
      'preview-required': {
        title: 'Kijk eerst wat er gebeurt',
        help: 'Een site die erbij betrokken is, wil dat u eerst ziet wat anonimiseren doet. Vraag eerst `will-anonymize` (of `…all`) en stuur de `ETag` van het antwoord mee als `If-Match`.',
      },
      'result-too-large': {
        title: 'Te veel om op te sommen',
        help: 'Het antwoord zou `found` onderdelen bevatten, of zoveel bytes tekst, en dat is meer dan `limit`. `use` zegt wat u in plaats daarvan kunt vragen.',
      },
      busy: {
        title: 'Het is nu te druk',
        help: 'Iemand anders wijzigt op dit moment dezelfde persoon of de inloginstellingen van dezelfde site; of er lopen al zware lijsten voor anderen, of de uwe duurde te lang: vraag dan minder, bijvoorbeeld met een langer woord; of de inlogserver of de database kon het niet aan. Er is niets gewijzigd, tenzij `detail` zegt wat wel: probeer het na `Retry-After` seconden opnieuw.',
      },
      'not-ready': {
        title: 'Nog niet beschikbaar',
        help: 'De dienst start, stopt, of kan de database niet bereiken. Probeer het na `Retry-After` seconden opnieuw.',
      },
      'person-being-removed': {
        title: 'De persoon wordt verwijderd',
        help: 'Deze persoon wordt bij de inlogserver verwijderd, of is dat net, en kan zolang niet terugkomen. Probeer het na `Retry-After` seconden opnieuw.',
      },
      'oauth-not-configured': {
        title: 'Deze inloginstellingen zijn er niet',
        help: 'De site heeft geen inloginstellingen met de naam in `provider`, of ze zijn niet volledig.',
      },
      'oauth-unreachable': {
        title: 'De inlogserver is niet bereikbaar',
        help: 'De inlogserver is de bron voor gegevens van personen, en was niet bereikbaar. Hier is niets gewijzigd. `mayHaveHappened` zegt of de wijziging daar toch kan zijn gedaan; dan volgt deze API vanzelf.',
      },
      'oauth-refused': {
        title: 'De inlogserver weigert',
        help: 'De inlogserver nam de wijziging niet aan of gaf een antwoord dat niet te gebruiken is. Hier is niets gewijzigd. Zijn onze eigen instellingen fout, dan lezen beheerders van het platform in `host` en `setting` welke; het logboek en /health/ready zeggen het ook. `inRecord`: met de server is niets mis, maar wat hij over deze persoon zegt is te groot, onleesbaar of vreemd. `mayHaveHappened` zegt of de wijziging daar toch kan zijn gedaan.',
      },
      'oauth-timeout': {
        title: 'De inlogserver is te langzaam',
        help: 'De inlogserver gaf niet op tijd antwoord. Hier is niets gewijzigd. `mayHaveHappened` zegt of de wijziging daar toch kan zijn gedaan; dan volgt deze API vanzelf.',
      },
      'oauth-circuit-open': {
        title: 'De inlogserver wordt met rust gelaten',
        help: 'Binnen tien seconden mislukte minstens de helft van wat wij de inlogserver vroegen, en dat was niet weinig: wij vragen hem even niets. Er is niets gewijzigd: probeer het na `Retry-After` seconden opnieuw.',
      },
      'oauth-unsupported': {
        title: 'De inlogserver kan dit niet',
        help: 'Dit soort inlogserver kent geen manier om `what` te doen.',
      },
      'role-unconfirmed': {
        title: 'Uw rol is niet te bevestigen',
        help: 'De inlogserver zegt wie moderator, redacteur of beheerder is. Hij antwoordt al zo lang niet dat wat wij van uw rol weten niet meer telt, of wat hij over u zegt is niet te lezen. Leden kunnen intussen verder; probeer het na `Retry-After` seconden opnieuw.',
      },
      'login-refused': {
        title: 'Inloggen is niet gelukt',
        help: 'De inlogserver staat niet in voor de code die terugkwam (`reason` is `code`), het inloggen is in een andere browser begonnen of te lang geleden (`state`), of wat de server over de persoon zegt klopt niet (`claims`). Begin opnieuw met inloggen.',
      },
      'token-refused': {
        title: 'Hiervoor is geen token te krijgen',
        help: 'Het verzoek om een token is niet zoals OAuth 2.0 het wil: `error` is `invalid_request`, `unsupported_grant_type` (alleen `client_credentials` kan) of `invalid_scope` (een onbekend woord, of meer dan deze client mag vragen).',
      },
      'invalid-client': {
        title: 'Deze client is niet bekend',
        help: 'De API-sleutel of het geheim klopt niet, de client is ingetrokken, of het oude geheim geldt niet meer.',
      },
      'insufficient-scope': {
        title: 'Het token reikt niet zo ver',
        help: 'Hiervoor is een token nodig met de scope die `scope` noemt; vraag er een bij /oauth/token.',
      },
      'too-many-requests': {
        title: 'Te veel verzoeken',
        help: 'Dit is te vaak gevraagd: wacht zoveel seconden als `Retry-After` zegt. `RateLimit` vertelt hoeveel er nog kan.',
      },
      'internal-error': {
        title: 'Een fout bij ons',
        help: 'Er ging iets mis dat niet mis mag gaan. Meer staat hier niet; wie de dienst beheert, vindt het in het logboek met het nummer in `instance`.',
      },
    },
  },
};
