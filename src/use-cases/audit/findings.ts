export interface AuditFinding {
  readonly kind:
    'changed' | 'forged' | 'copied' | 'missing' | 'removed' | 'reordered' | 'unsealed' | 'cut-off' | 'former-key';
  readonly what: string;
}
const maxNamed = 1000;

/** Findings as they come; at most a thousand are kept, however much was spoiled. */
export const findingsKept = (): {
  readonly all: readonly AuditFinding[];
  readonly add: (...more: readonly AuditFinding[]) => void;
} => {
  const all: AuditFinding[] = [];
  return {
    all,
    add: (...more) => {
      all.push(...more.slice(0, maxNamed - all.length));
    },
  };
};
