import { ambient } from '../../../src/db/unit-of-work.ts';
import type { SentenceWorld } from '../../journeys/sentences/support/world.ts';

/** Work that says of each of its changes of the site when it was answered, and how many of them were worked on at a time, at most. */
export const mergesAtOnce = async <T>(
  s: SentenceWorld,
  site: number,
  work: (answered: () => void) => Promise<T>,
): Promise<readonly [result: T, most: number]> => {
  let [underWay, most] = [0, 0];
  const { sites } = s.world.container.ports;
  const readNow = sites.readNow.bind(sites);
  // What a site holds now is read before a change is worked out, outside of any unit of work.
  const look = jest.spyOn(sites, 'readNow').mockImplementation((ids) => {
    if (ids.includes(site) && ambient() === undefined) most = Math.max(most, (underWay += 1));
    return readNow(ids);
  });
  try {
    return [await work(() => (underWay -= 1)), most];
  } finally {
    look.mockRestore();
  }
};
