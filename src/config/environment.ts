import type { Environment } from './sources.ts';

/** The process's own environment: the one place that reads it. */
export const environment = (): Environment => process.env;
