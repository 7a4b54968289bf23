/** `civitas/client`, whole. Source: people.md §3. */
export { Civitas, civitas, type LoginWindow } from './civitas.ts';
export { CivitasProblem, CivitasUnreachable, type ForeignProblem } from './problem.ts';
export type { Answer, CallOptions, CivitasOptions, Exchange, Input, OperationName, ProblemOf, Token } from './calls.ts';
export type { Done, Extent, Plan, PlanChanged } from './plan.ts';
export type { NotStarted, OneRun, PlannedRun, Started, Whom } from './runs.ts';
export type { Selection } from './users.ts';
export type { AuditFilter, PeopleQuestion } from './across-sites.ts';
export type * from './types.gen.ts';
