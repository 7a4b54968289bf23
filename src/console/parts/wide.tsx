import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** What scrolls in itself where there is no room: then by keyboard, too, and found as a region. */
export const Wide = ({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}): JSX.Element => {
  const box = useRef<HTMLDivElement>(null);
  const [isTooWide, setIsTooWide] = useState(false);
  useEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    const watching = new ResizeObserver(() => {
      setIsTooWide(current.scrollWidth > current.clientWidth);
    });
    for (const one of [current, ...current.children]) watching.observe(one);
    return () => {
      watching.disconnect();
    };
  }, []);
  return (
    <div class="wide" ref={box} {...(isTooWide ? { role: 'region', 'aria-label': label, tabIndex: 0 } : {})}>
      {children}
    </div>
  );
};
