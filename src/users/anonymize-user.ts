import { Fault } from '../domain/fault.ts';
import type { Ports } from '../ports/index.ts';
import { planAnonymization, type AnonymizationPlan } from './anonymization-plan.ts';
import { viewOf } from './anonymization-view.ts';
import { anonymizeRows } from './anonymize-rows.ts';
import type { AnonymizationSummary, AnonymizationView, Anonymized, AnonymizeCommand } from './commands.ts';
import type { DeliverMessage } from './deliver-message.ts';
import { awaitParting, partFrom } from './parting.ts';

type Needs = Pick<
  Ports,
  'users' | 'activities' | 'sites' | 'settings' | 'clock' | 'startDigest' | 'outbox' | 'inOneTransaction'
>;

/**
 * Everywhere or not at all: one transaction over all chosen rows, whatever the number of sites. Answers with what was there
 * before. The OAuth server hears of it after the commit, by the outbox. Faults: those of the plan, `plan-changed` and
 * `preview-required` (nothing is done), `busy`. Source: anonymization.md.
 */
export const anonymizeUser =
  (ports: Needs, deliver: DeliverMessage) =>
  async (command: AnonymizeCommand): Promise<Anonymized> => {
    const { view, parting } = await ports.inOneTransaction(async () => {
      const plan = await planAnonymization(ports, command, 'locked');
      const planned = viewOf(plan);
      mustBeWhatWasSeen(command, plan, planned);
      await anonymizeRows(ports, plan);
      const gone = plan.rows.map(({ user }) => user);
      return { view: planned, parting: await partFrom(ports, plan.held, gone, plan.standing) };
    });
    return { view, oauth: await awaitParting(ports, deliver, parting) };
  };

/** With `If-Match` exactly the previewed plan is done; sites may make that compulsory. Source: anonymization.md §4. */
const mustBeWhatWasSeen = (
  { seen, site }: AnonymizeCommand,
  plan: AnonymizationPlan,
  { summary }: AnonymizationView,
): void => {
  if (seen === undefined) {
    const isRequired = [site, ...plan.rows.map((row) => row.site)].some(
      (one) => one?.config.anonymize.requirePreview === true,
    );
    if (!isRequired) return;
    throw new Fault('preview-required', {}, 'A site that is concerned wants the preview’s digest in If-Match.');
  }
  if (seen(plan.digest)) return;
  throw new Fault(
    'plan-changed',
    { current: shownSummary(summary) },
    'What would be done is no longer what was previewed: nothing was done.',
  );
};

/** A summary as answers show it. Source: anonymization.md §1. */
export const shownSummary = ({
  digest,
  users,
  sites,
  oauth,
}: AnonymizationSummary): Readonly<Record<string, unknown>> => ({
  digest,
  users,
  sites: sites.map(({ site, users: rows, stays, goes, hidden }) => ({
    id: site.id,
    title: site.title,
    users: rows,
    ideas: stays.ideas,
    articles: stays.articles,
    arguments: stays.arguments,
    votesRemoved: goes.votes,
    votesKept: stays.votes,
    hidden,
  })),
  oauth,
});
