import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../api.ts';
import { Failure, Waiting } from '../asking.tsx';
import { keepFile } from '../files.ts';
import { t } from '../words/index.ts';

type Filter = Readonly<Record<string, string>>;

/** Everything that the filter finds, as a file. It is read page by page, and says how far it is; pressed once more it stops. */
export const AuditFile = ({ asked }: { readonly asked: Filter }): JSX.Element => {
  const [read, setRead] = useState<number | null>(null);
  const [kept, setKept] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const reading = useRef<AbortController>(null);
  useEffect(
    () => () => {
      reading.current?.abort();
    },
    [],
  );
  const keep = async (): Promise<void> => {
    const stopping = new AbortController();
    const { signal } = stopping;
    reading.current = stopping;
    const lines: string[] = [];
    setRead(0);
    setKept(null);
    setError(null);
    try {
      for await (const [head, ...rows] of pages(asked, signal)) {
        lines.push(...(lines.length === 0 ? [head ?? ''] : []), ...rows);
        setRead(lines.length - 1);
      }
      keepFile('audit.csv', 'text/csv', lines);
      setKept(lines.length - 1);
    } catch (failed) {
      if (!signal.aborted) setError(failed);
    }
    setRead(null);
  };
  return (
    <>
      <p class="buttons first no-print">
        <button
          type="button"
          class="nl-button nl-button--secondary"
          onClick={() => {
            if (read === null) void keep();
            else reading.current?.abort();
          }}
        >
          {t(read === null ? 'audit.file' : 'audit.stop')}
        </button>
      </p>
      {read === null ? null : <Waiting>{t('audit.reading', { n: read })}</Waiting>}
      {kept === null ? null : (
        <p class="waiting" role="status">
          {t('audit.kept', { n: kept })}
        </p>
      )}
      {error === null ? null : <Failure error={error} />}
    </>
  );
};

/** The table as the program writes it, page by page; of each its lines, with what ends them. The first tells the columns. */
async function* pages(asked: Filter, signal: AbortSignal): AsyncGenerator<readonly string[], void> {
  for (let page = await onePage(asked, undefined, signal); ; page = await onePage(asked, page.next, signal)) {
    yield page.lines;
    if (page.next === undefined) return;
  }
}

const onePage = async (
  asked: Filter,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly lines: readonly string[]; readonly next: string | undefined }> => {
  const wanted = { query: { ...asked, cursor, pageSize: 100 }, headers: { Accept: 'text/csv' }, signal };
  const { headers, data } = await api.exchange('listAudit', wanted);
  const table: unknown = data;
  const [, link] = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '') ?? [];
  return {
    // No cell holds a line of its own: codes, ids, moments, and numbers of tickets.
    lines: typeof table === 'string' ? table.split(/(?<=\r\n)/) : [],
    next: link === undefined ? undefined : (new URL(link, location.origin).searchParams.get('cursor') ?? undefined),
  };
};
