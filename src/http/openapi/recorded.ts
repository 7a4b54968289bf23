import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaultCode } from '../../domain/fault.ts';
import type { Json } from '../../domain/json.ts';
import type { ErrorForm } from '../problem-response.ts';
import type { Schema } from './schema.ts';

/** A call that the demo really answered; what differs each time stands as `…`. Bodies of either are JSON or text. */
export interface RecordedCall {
  readonly request: {
    readonly method: string;
    /** Path and query. */
    readonly address: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  readonly answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly json?: Json;
    readonly text?: string;
  };
}
/** What `npm run examples` wrote down: by operation id, and by code of a problem. */
export interface Recorded {
  readonly calls: Readonly<Record<string, RecordedCall>>;
  readonly problems: Readonly<Record<string, RecordedCall>>;
  /** What each rule of `conflict` says, which stands where it is thrown. */
  readonly conflictRules: Readonly<Record<string, string>>;
}

/** What the document shows beside the table of routes. */
export interface Examples {
  readonly ofCall: (operationId: string) => RecordedCall | undefined;
  /** Of a problem as this form tells it. */
  readonly ofProblem: (code: FaultCode, form: ErrorForm | undefined) => Schema;
  /** All problems by code, with what they mean: `components.examples`. */
  readonly problems: Readonly<Record<string, Schema>>;
}

/** As the demo shows itself in documents. */
export const demoAddress = 'http://127.0.0.1:8080';

/** Read when it is asked for first, and kept: the addresses that show them are asked by everybody. */
let read: Promise<Recorded> | undefined;
export const recordedExamples = (): Promise<Recorded> =>
  (read ??= readFile(join(import.meta.dirname, 'examples.json'), 'utf8').then(
    (text) => JSON.parse(text) as Recorded,
    (error: unknown) => {
      read = undefined;
      throw error;
    },
  ));

/** A recorded call as somebody would type it. */
export const curlOf = ({ request: { method, address, headers, body } }: RecordedCall): string =>
  [
    'curl',
    ...(method === 'GET' ? [] : ['-X', method]),
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`-d ${quoted(body)}`]),
    quoted(`${demoAddress}${address}`),
  ].join(' ');

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** An answer's body as a text; '' where it has none. */
export const answerText = ({ answer: { json, text } }: RecordedCall): string =>
  json === undefined ? (text ?? '') : JSON.stringify(json);
