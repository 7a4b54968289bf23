import { Fault } from '../../domain/fault.ts';
import type { AuditRow } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import { isGenuine } from './mac.ts';
import { isTouch, type ReadOperation } from './progress.ts';

/**
 * Whether it reached a row to which nobody had logged in: then what came of it at the OAuth server says whether the person was there
 * before. It is told to platform admins, and to the person where they did it themselves: being added by a stranger takes nobody's
 * proof away. `to`: whoever asked for it (and has its receipt), or anybody else. Source: user-api.md §3 "Create".
 */
export const isSilent = ({ touched }: ReadOperation, to: 'who-asked' | 'others'): boolean =>
  touched.some(({ withheld, told }) => withheld === true && (to === 'others' || told !== true));

/** The rows of it that are told: a row of a site where who asked has no right may have gone along. See docs/reference/neighbours.md. */
export const rowsToldTo = (
  { touched }: Pick<ReadOperation, 'touched'>,
  to: 'who-asked' | 'platform-admins',
): readonly AuditRow[] => (to === 'platform-admins' ? touched : touched.filter(({ shown }) => shown === true));

/**
 * What the audit says of one call; null: nothing that we wrote. Fault `conflict` (audit-not-whole) where rows of it are gone, or
 * others were put in or changed: nobody signs what is left, and nobody is told that it was all. Source: anonymization.md §5.
 */
export const findOperation = async (
  { audit, secrets, log }: Pick<Ports, 'audit' | 'secrets' | 'log'>,
  operation: string,
): Promise<ReadOperation | null> => {
  // A database may take names for the same that differ in blanks at the end.
  const rows = (await audit.ofOperation(operation)).filter((row) => row.operation === operation);
  const genuine = onceEach(rows.filter((row) => isGenuine(secrets, row)));
  const [first, ...others] = genuine.filter(isTouch);
  if (first === undefined) return null;
  const touched = [first, ...others] as const;
  if (touched.length !== first.places || rows.some((row) => !isGenuine(secrets, row))) {
    const facts = { operation: operation, rows: rows.length, genuine: genuine.length, written: first.places };
    log.error(facts, 'the audit of an operation is not what was written: run `npm run audit:verify`');
    throw new Fault(
      'conflict',
      { rule: 'audit-not-whole' },
      'The audit of this operation is not what was written: the operator has to look at it (`npm run audit:verify`).',
    );
  }
  return { touched, outcomes: genuine.filter((row) => !isTouch(row)) };
};

/** A copy of a genuine row says nothing more. */
const onceEach = (rows: readonly AuditRow[]): readonly AuditRow[] => {
  const seen = new Set<string | null>();
  return rows.filter(({ mac }) => !seen.has(mac) && seen.add(mac));
};
