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
