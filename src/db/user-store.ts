import type { Ports } from '../ports/index.ts';
import type { InOneTransaction } from '../ports/unit-of-work.ts';
import type { UserStore } from '../ports/user-store.ts';
import type { Database } from './database.ts';
import type { LinkPastUs } from './link-past-us.ts';
import { addressHolders } from './users/address-holders.ts';
import { listUsers } from './users/list-users.ts';
import { readPeople } from './users/read-people.ts';
import { readUsers } from './users/read-users.ts';
import { writeUsers } from './users/write-users.ts';

export const userStore = (
  database: Database,
  inOneTransaction: InOneTransaction,
  options: Pick<Ports, 'clock'>,
  link: LinkPastUs,
): UserStore => {
  const holders = addressHolders(database);
  return {
    ...readUsers(database, options, link),
    peopleAt: readPeople(database),
    ...listUsers(database),
    addressHolders: holders.find,
    ...writeUsers(database, inOneTransaction, holders),
  };
};
