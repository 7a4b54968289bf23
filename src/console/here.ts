import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Whether one still is where something was asked for: its answer leads nobody away from where they have gone meanwhile. */
export const useHere = (): RefObject<boolean> => {
  const isHere = useRef(true);
  useEffect(
    () => () => {
      isHere.current = false;
    },
    [],
  );
  return isHere;
};

/** Where what had the focus is gone, the heading of the page has it, so that nobody begins at the top of everything. */
export const keepFocus = (): void => {
  if (document.activeElement === document.body) document.querySelector('h1')?.focus();
};
