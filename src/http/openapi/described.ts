/** A piece of an OpenAPI document. */
export type Schema = Readonly<Record<string, unknown>>;

/** How an endpoint's good answer is described. */
export interface Described {
  readonly status: 200 | 201 | 202 | 302;
  readonly description: string;
  /** Absent where the answer has no body. */
  readonly schema?: Schema;
  /** `application/json` unless said otherwise. */
  readonly mediaType?: string;
  /** Headers of the answer, by the names they have under `components`. */
  readonly headers?: readonly string[];
  /** Whether it may answer 304 to whom has it already. */
  readonly notModified?: boolean;
}

export const reference = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
