import { useEffect, useState } from 'preact/hooks';
import { useAsking, type Asked } from './asking.tsx';

interface Part<T> {
  readonly metadata: { readonly cursor?: string };
  readonly records: readonly T[];
}
export interface Walked<T> {
  readonly records: readonly T[];
  readonly state: Asked<unknown>['state'];
  readonly error: unknown;
  readonly again: () => void;
  /** Reads on; undefined: that is all. */
  readonly more: (() => void) | undefined;
}

/** A list that is read page by page, as somebody asks for more. It begins anew where `key` changes. */
export const useWalk = <T>(
  page: (cursor: string | undefined, signal: AbortSignal) => Promise<Part<T>>,
  key: string,
): Walked<T> => {
  const [place, setPlace] = useState<{
    readonly key: string;
    readonly cursor?: string;
    readonly earlier: readonly T[];
  }>({
    key,
    earlier: [],
  });
  const { cursor, earlier } = place.key === key ? place : { cursor: undefined, earlier: [] };
  const asked = useAsking((signal) => page(cursor, signal), `${key} ${cursor ?? ''}`);
  const records = [...earlier, ...(asked.state === 'answered' ? asked.answer.records : [])];
  const next = asked.state === 'answered' ? asked.answer.metadata.cursor : undefined;
  const readOn = (): void => {
    if (next !== undefined) setPlace({ key, cursor: next, earlier: records });
  };
  useEffect(() => {
    // A page may be empty and not be the last.
    if (records.length === 0) readOn();
  }, [next]);
  return {
    records,
    state: asked.state,
    error: asked.state === 'failed' ? asked.error : null,
    again: asked.again,
    more: next === undefined ? undefined : readOn,
  };
};
