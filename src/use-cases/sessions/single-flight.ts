/** Begins work under a name, or joins what is under way under it: once, however many ask. */
export type SingleFlight<T> = (name: string, work: () => Promise<T>) => Promise<T>;

export const singleFlight = <T>(): SingleFlight<T> => {
  const flights = new Map<string, Promise<T>>();
  return (name, work) => {
    const under = flights.get(name);
    if (under !== undefined) return under;
    const flight = work().finally(() => flights.delete(name));
    flights.set(name, flight);
    return flight;
  };
};
