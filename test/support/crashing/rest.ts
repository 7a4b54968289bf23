import type { Container } from '../../../src/container.ts';
import { sql } from '../../../src/db/sql.ts';

type Needs = Pick<Container, 'database' | 'ports' | 'deliver' | 'jobs'>;
const mostRounds = 25;

/** Carries out what waits until nothing waits any more, as hours of running would; throws when that does not end. */
export const comeToRest = async (container: Needs): Promise<void> => {
  for (let round = 0; round < mostRounds; round += 1) {
    await letTimePass(container);
    await container.jobs.find(({ name }) => name === 'work-on-runs')?.run(() => false);
    while ((await container.deliver()) !== null);
    if ((await container.ports.outbox.waiting()).length === 0) {
      await letTimePass(container);
      await container.jobs.find(({ name }) => name === 'tidy-up')?.run(() => false);
      return;
    }
  }
  const left = await container.ports.outbox.waiting();
  throw new Error(`no rest: ${left.map(({ topic, lastError }) => `${topic} (${lastError ?? ''})`).join(', ')}`);
};

/** Everything that waits is due, and what a dead instance held has run out. */
export const letTimePass = async ({ database, ports }: Pick<Container, 'database' | 'ports'>): Promise<void> => {
  const before = new Date(ports.clock.now().getTime() - 1);
  await ports.outbox.retry();
  await database.change(sql`UPDATE civitas_outbox SET claimedUntil = ${before} WHERE claimedUntil IS NOT NULL`);
  await database.change(
    sql`UPDATE civitas_anonymization_runs SET claimedUntil = ${before} WHERE claimedUntil IS NOT NULL`,
  );
  await database.change(sql`UPDATE civitas_leases SET \`expiresAt\` = ${before} WHERE \`expiresAt\` > ${before}`);
};
