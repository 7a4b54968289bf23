import { hash } from 'node:crypto';

/** The tag (without quotes) of a representation: what this actor sees, as JSON. Source: user-api.md §3 "View". */
export const tagOfJson = (json: string): string => hash('sha256', json, 'base64url');

export const quoted = (tag: string): string => `"${tag}"`;
