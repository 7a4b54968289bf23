import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** A form that shows what the address says, and stays the same form when that changes: whoever submits it keeps their place. */
export const useFilled = (values: Readonly<Record<string, string>>): RefObject<HTMLFormElement | null> => {
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => {
    for (const field of form.current?.elements ?? [])
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement)
        field.value = values[field.name] ?? '';
  }, [JSON.stringify(values)]);
  return form;
};
