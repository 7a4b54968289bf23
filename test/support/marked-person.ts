import { randomBytes } from 'node:crypto';
import type { RecordedWorld } from './recorded-world.ts';

export interface MarkedRow {
  readonly id: number;
  readonly siteId: number;
}
export interface MarkedPerson {
  readonly rows: readonly MarkedRow[];
  /** Values that nobody else has. */
  readonly marks: readonly string[];
}

/** Writes through the API, into every personal field of every row of a person, what nobody else has; and into their votes' IPs. */
export const markPerson = async (world: RecordedWorld, rows: readonly MarkedRow[]): Promise<MarkedPerson> => {
  const mark = randomBytes(4).toString('hex');
  const generic = {
    email: `mail.${mark}@example.org`,
    firstName: `Fenna "É" ${mark}`,
    lastName: `Van & Zn ${mark}`,
    streetName: `Straße ${mark}`,
    houseNumber: `huis ${mark}`,
    suffix: `achter ${mark}`,
    postcode: `PC${mark}`,
    city: `Stad 1 < 2 ${mark}`,
    phoneNumber: `+31-${mark}`,
  };
  const marks: string[] = Object.values(generic);
  // Site 7 is a stranger at the OAuth server: what is written through the others shows there all the same.
  for (const { id, siteId } of rows.filter((row) => row.siteId !== 7)) {
    const own = {
      extraData: {
        bio: `Bio\n${mark} op ${siteId}`,
        shared: `Gedeeld ${mark}`,
        [`sleutel-${mark}`]: [`lijst ${mark}`],
      },
      ...(siteId <= 2 ? { nickName: `Nick ${mark} ${siteId}` } : {}),
    };
    const answer = await world.call('admin', 'PUT', `/api/site/${siteId}/user/${id}`, { ...generic, ...own });
    if (answer.status !== 200) throw new Error(`not marked: ${answer.text}`);
    marks.push(own.extraData.bio, own.extraData.shared, `sleutel-${mark}`, `lijst ${mark}`);
    if ('nickName' in own) marks.push(own.nickName);
  }
  const ip = `2001:db8::${mark.slice(0, 4)}:${mark.slice(4)}`;
  await world.container.database.rows.votes.update({ ip }, { where: { userId: rows.map(({ id }) => id) } });
  return { rows, marks: [...new Set([...marks, mark, ip])] };
};

/** One more row of a person, copied from one of theirs, as an OpenStad database may hold it. */
export const addRow = async (
  { container: { ports } }: RecordedWorld,
  { from, siteId }: { readonly from: MarkedRow; readonly siteId: number },
): Promise<MarkedRow> => {
  const user = await ports.users.find(from.siteId, from.id);
  if (user === null) throw new Error(`no user ${from.id}`);
  const id = await ports.inOneTransaction(() => ports.users.insert({ ...user, siteId }));
  return { id, siteId };
};
