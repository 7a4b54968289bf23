import { summaryTotals } from '../../activity-types/index.ts';
import type { Container } from '../../container.ts';
import { isFault } from '../../domain/fault.ts';
import { displayName } from '../../domain/users/user-visibility.ts';
import { changesText, oauthSentences } from '../../http/presenters/anonymization.ts';
import type { AnonymizationSummary, AnonymizeCommand } from '../../use-cases/anonymization/commands.ts';
import { shownSummary } from '../../use-cases/anonymization/view.ts';
import { receiptWords } from '../../http/presenters/receipt-words.ts';
import type { OauthProgress } from '../../use-cases/audit/read-operation.ts';
import { CommandFailed, endOf, type Ending } from '../endings.ts';
import { jsonText, mustAgree, mustBeAbleToAsk, withoutControls, type Agreement, type Io } from '../io.ts';
import { operatorHere } from '../operator.ts';
import { progressAt } from '../progress.ts';
import { factsText, tableText } from '../table.ts';
import { withContainer } from '../with-container.ts';
import type { UserName } from '../words.ts';
import { nameOfUser, userNamed } from './named-user.ts';

/** Which rows of the person; without any: all of them, everywhere. */
export interface Chosen {
  readonly thisSite?: boolean;
  readonly onlySites?: readonly number[];
  readonly onlyUsers?: readonly number[];
}
export interface AnonymizeOptions extends Chosen, Agreement {
  readonly reason?: string;
  /** Seconds; false: not at all. */
  readonly wait: number | false;
}
type UseCases = Pick<
  Container['useCases'],
  'previewAnonymization' | 'anonymizeUser' | 'readOperation' | 'anonymizationStatus'
>;
/** What asks the OAuth server how far it is, and tries there meanwhile. */
type AtOauth = Pick<Container, 'deliver'> & { readonly useCases: UseCases };

/** Exactly what `person anonymize` would do now. */
export const previewPerson = (
  io: Io,
  named: UserName,
  { changes = false, ...chosen }: Chosen & { readonly changes?: boolean },
): Promise<Ending> =>
  withContainer(async ({ useCases, ports }) => {
    const command = { ...(await commandOf(ports, named, chosen)), view: changes ? 'changes' : 'summary' } as const;
    const view = await useCases.previewAnonymization(command);
    const who = await whoIsMeant(ports, command);
    if (view.changes !== null) {
      for await (const piece of changesText(view.summary, view.changes)) await io.print(withoutControls(piece));
      await io.print('\n');
    } else if (io.json) await io.print(jsonText(shownSummary(view.summary)));
    else await io.print(previewText(io, who, view.summary));
    return 'done';
  });

/**
 * Shows what it would do, asks, and does exactly that or nothing; then waits for the OAuth server. Ends with exit code 3 where the plan
 * is another one by then, with 4 where the person's removal is still to come; so, too, once more, as long as nothing but that is left.
 */
export const anonymizePerson = (io: Io, named: UserName, options: AnonymizeOptions): Promise<Ending> => {
  mustBeAbleToAsk(io, options, true);
  return withContainer(async ({ useCases, ports, deliver }, config) => {
    const command = await commandOf(ports, named, options);
    const { summary } = await useCases.previewAnonymization(command);
    const who = await whoIsMeant(ports, command);
    if (!io.json) await io.print(previewText(io, who, summary));
    if (options.ifMatch !== undefined && options.ifMatch !== summary.digest) throw planChanged(summary);
    if (summary.users === 0) return nothingLeft(io, { useCases, deliver }, command, summary, options.wait);
    await mustAgree(io, `Anonymize ${counted(summary.users, 'row')} of ${who}? There is no way back.`, options);
    const done = await io.interrupts.finishing(() => anonymize(useCases, command, summary, options.reason));
    const receipt = done.receipt === null ? null : `${config.server.publicUrl ?? ''}/receipts/${done.receipt}`;
    io.interrupts.onEnd(`Anonymized; the receipt: ${receipt ?? 'none'}. Any instance that runs asks the OAuth server.`);
    const oauth = await io.interrupts.finishing(() =>
      oauthProgress(io, { useCases, deliver }, done.operation, options.wait),
    );
    await tellDone(io, { summary, operation: done.operation, receipt, oauth });
    return isPending(oauth) ? 'waiting' : 'done';
  });
};

const commandOf = async (
  ports: Container['ports'],
  named: UserName,
  { thisSite = false, onlySites, onlyUsers }: Chosen,
): Promise<AnonymizeCommand> => ({
  actor: operatorHere(),
  ...(await userNamed(ports, named)),
  extent: thisSite ? 'this-site' : 'all-sites',
  view: 'summary',
  ...(onlySites === undefined && onlyUsers === undefined
    ? {}
    : { only: { siteIds: onlySites ?? [], userIds: onlyUsers ?? [] } }),
});

/** By name, address, and the row that was named. Ends with exit code 2 where `--only…` leaves none of their rows. */
const whoIsMeant = async (
  { users }: Container['ports'],
  { site, userId, extent, only }: AnonymizeCommand,
): Promise<string> => {
  const rows = (await users.personOf(site.id, userId, 'plain'))?.rows ?? [];
  const here = extent === 'all-sites' ? rows : rows.filter(({ siteId }) => siteId === site.id);
  const isNamed = ({ id, siteId }: (typeof rows)[number]): boolean =>
    only === undefined || only.userIds.includes(id) || (siteId !== null && only.siteIds.includes(siteId));
  if (only !== undefined && !here.some(isNamed)) {
    const options = [
      ...(only.siteIds.length === 0 ? [] : [`--only-sites ${only.siteIds.join(',')}`]),
      ...(only.userIds.length === 0 ? [] : [`--only-users ${only.userIds.join(',')}`]),
    ];
    const theirs = here.map(({ siteId, id }) => nameOfUser(siteId, id)).join(', ');
    throw new CommandFailed(
      `Nothing was done: ${options.join(' ')} names no row of this person, whose rows are ${theirs}.`,
      'wrong-words',
    );
  }
  const row = rows.find(({ id }) => id === userId);
  const name = row === undefined ? null : displayName(row, site.config);
  const address = row?.email ?? null;
  return `${name ?? 'somebody without a name'}${address === null ? '' : ` <${address}>`}, ${nameOfUser(site.id, userId)}`;
};

interface Done {
  readonly operation: string | null;
  readonly receipt: string | null;
}

const anonymize = async (
  { anonymizeUser }: UseCases,
  command: AnonymizeCommand,
  { digest }: AnonymizationSummary,
  reason: string | undefined,
): Promise<Done> => {
  try {
    const bound = { ...command, stillMatches: (present: string) => present === digest };
    const done = await anonymizeUser(reason === undefined ? bound : { ...bound, reason });
    return done.kind === 'done' ? done : { operation: null, receipt: null };
  } catch (error) {
    throw isFault(error, 'plan-changed') ? planChanged(null, error) : error;
  }
};

const planChanged = (present: AnonymizationSummary | null, cause?: unknown): CommandFailed => {
  const now = present === null ? '' : ` It is ${present.digest} now.`;
  const line = `Refused: the plan is not the one that was previewed.${now} Nothing was done: preview again, and decide anew.`;
  return new CommandFailed(line, 'refused', { cause });
};

/** Here. What an earlier call left to be done at the OAuth server is waited for as behind that call. */
const nothingLeft = async (
  io: Io,
  atOauth: AtOauth,
  command: AnonymizeCommand,
  summary: AnonymizationSummary,
  wait: AnonymizeOptions['wait'],
): Promise<Ending> => {
  const earlier = await operationThatAnonymized(atOauth.useCases, command);
  io.interrupts.onEnd('Stopped. Nothing was left to anonymize.');
  const outcome = await io.interrupts.finishing(() => oauthProgress(io, atOauth, earlier, wait));
  if (io.json) await io.print(jsonText({ ...shownSummary(summary), operation: null, receipt: null, outcome }));
  else if (outcome !== null) await io.print(`\n${factsText(io.out, [['from before', oauthText(outcome)]])}`);
  io.tell('Nothing is left to anonymize.');
  if (!isPending(outcome)) return 'done';
  io.tell(notAnsweredYet);
  return 'waiting';
};

/** The call by which the row that is named was anonymized; null: by none of ours. */
const operationThatAnonymized = async (
  { anonymizationStatus }: UseCases,
  { actor, site, userId }: AnonymizeCommand,
): Promise<string | null> => {
  try {
    return (await anonymizationStatus({ actor, site, userId })).part.operation;
  } catch (error) {
    if (isFault(error, 'user-not-found')) return null;
    throw error;
  }
};

const isPending = (oauth: OauthProgress | null): boolean => oauth?.removal === 'pending' || oauth?.values === 'pending';

/** How far it is there when all is settled, the time is over, or a signal came. Tries meanwhile, as an instance that runs does. */
const oauthProgress = async (
  io: Io,
  { useCases, deliver }: AtOauth,
  operation: string | null,
  wait: number | false,
): Promise<OauthProgress | null> => {
  if (operation === null) return null;
  const { signal } = io.interrupts;
  const progress = progressAt(io);
  const begun = performance.now();
  let oauth: OauthProgress | null = { removal: 'pending', reason: null, values: 'none' };
  try {
    for (;;) {
      ({ oauth } = await useCases.readOperation({ actor: operatorHere(), operation }));
      const seconds = Math.floor((performance.now() - begun) / 1000);
      if (!isPending(oauth) || wait === false || seconds >= wait || signal.aborted) return oauth;
      progress.tell({ work: 'waiting for the OAuth server, seconds', done: seconds, of: wait });
      await deliver();
      await pauseUnless(signal, 500);
    }
  } catch (error) {
    // It is done here, and its receipt has to be told.
    io.tell(`How far the OAuth server is cannot be read. ${endOf(error).line}`);
    return oauth;
  } finally {
    progress.end();
  }
};

const pauseUnless = (signal: AbortSignal, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
  });

interface Told extends Done {
  readonly summary: AnonymizationSummary;
  readonly oauth: OauthProgress | null;
}

const tellDone = async (io: Io, { summary, operation, receipt, oauth }: Told): Promise<void> => {
  if (io.json) await io.print(jsonText({ ...shownSummary(summary), operation, receipt, outcome: oauth }));
  else
    await io.print(
      `\n${factsText(io.out, [
        ['receipt', receipt],
        ['operation', operation],
        ['OAuth server', oauth === null ? null : oauthText(oauth)],
      ])}`,
    );
  io.tell(`Anonymized: ${counted(summary.users, 'row')}.`, 'green');
  if (isPending(oauth)) io.tell(notAnsweredYet);
};

const notAnsweredYet =
  'The OAuth server has not answered yet. Any instance that runs asks it again: `civitas outbox list` shows it.';

const oauthText = ({ removal, reason, values }: OauthProgress): string => {
  const { removals, valueOutcomes } = receiptWords.en;
  const because = reason === null ? '' : ` (${reason})`;
  const ofValues = values === 'none' ? '' : `; values of these sites ${valueOutcomes[values]}`;
  return `the person ${removals[removal]}${because}${ofValues}`;
};

const previewText = ({ out }: Io, who: string, { digest, users, sites, oauth }: AnonymizationSummary): string => {
  const heads = summaryTotals.map(({ plural, of }) => `${plural} ${of === 'goes' ? 'go' : 'stay'}`);
  const table = tableText(
    out,
    ['site', 'title', 'rows', ...heads, 'hidden'],
    sites.map(({ site, users: rows, stays, goes, hidden }) => [
      ...[String(site.id), site.title, rows],
      ...summaryTotals.map(({ plural, of }) => (of === 'goes' ? goes : stays)[plural]),
      hidden,
    ]),
  );
  return `${factsText(out, [['person', who]])}\n${table}\n${factsText(out, [
    ['rows', users],
    ['OAuth server', oauth === null ? null : oauthSentences[oauth]],
    ['digest', digest],
  ])}`;
};

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
