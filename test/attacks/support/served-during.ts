type Asking = () => Promise<{ readonly status: number }>;

/**
 * How many answers all these get while this is asked for, in the best of some rounds (`fewest`), and the statuses of what is asked for.
 * Each of them asks twice at once, again and again; each round begins when so many were answered: they wait again.
 */
export const servedDuring = async (
  attackers: readonly Asking[],
  perRound: number,
  ask: Asking,
): Promise<{ readonly statuses: readonly number[]; readonly fewest: number }> => {
  let [answered, served, isOver] = [0, 0, false];
  const attack = [...attackers, ...attackers].map(async (attacker) => {
    while (!isOver) {
      const { status } = await attacker();
      answered += 1;
      if (status === 200) served += 1;
    }
  });
  const statuses: number[] = [];
  const meanwhile: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const from = answered;
    while (answered < from + perRound) await new Promise(setImmediate);
    const before = served;
    statuses.push((await ask()).status);
    meanwhile.push(served - before);
  }
  isOver = true;
  await Promise.all(attack);
  return { statuses, fewest: Math.min(...meanwhile) };
};
