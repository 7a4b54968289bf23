import type { RecordedWorld } from './recorded-world.ts';
import { aNewRow } from './builders.ts';
import { until } from './until.ts';

/** A site of the recorded world that has ended, and an admin of it whose row is its own truth. */
export interface EndedSite {
  readonly siteId: number;
  readonly adminId: number;
  /** Begins; answers the run's address. */
  begin(who?: number | string): Promise<string>;
  /** Waits for it; answers its status with everybody's outcome. */
  done(address: string): Promise<RunBody>;
}
export interface RunBody {
  readonly state: string;
  readonly reason: string | null;
  readonly progress: { readonly done: number; readonly total: number };
  readonly outcomes: Readonly<Record<string, number>>;
  readonly people: { readonly records: readonly { readonly userId: number; readonly outcome: string }[] };
}

export const endSite = async (world: RecordedWorld, siteId: number): Promise<EndedSite> => {
  const { ports } = world.container;
  await setEnded(world, siteId, true);
  const adminId = await ports.inOneTransaction(() => ports.users.insert(aNewRow({ siteId, role: 'admin' })));
  return {
    siteId,
    adminId,
    begin: async (who = adminId) => {
      const answer = await world.call(who, 'PUT', `/api/site/${siteId}/do-anonymize-all-users`);
      if (answer.status !== 202) throw new Error(`${answer.status}: ${answer.text}`);
      return answer.headers.get('location') ?? '';
    },
    done: async (address) => {
      const look = () => world.call(adminId, 'GET', `${address}?page=0&pageSize=1000`);
      await until('the run is done', async () => (await look()).body.state === 'done', 240_000);
      return (await look()).body as RunBody;
    },
  };
};

export const setEnded = async (world: RecordedWorld, siteId: number, projectHasEnded: boolean): Promise<void> => {
  const { database, ports } = world.container;
  const [site] = await ports.sites.readNow([siteId]);
  const config = { ...site?.rawConfig, project: { projectHasEnded } };
  await database.rows.sites.update({ config }, { where: { id: siteId } });
};
