import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { momentOf, t } from '../words/index.ts';

/** What a client was given just now. */
export interface GivenSecret {
  readonly name: string;
  readonly key: string;
  readonly secret: string;
  /** Until when the one before it counts; null: it is the first. */
  readonly previousUntil: string | null;
}

/**
 * The secret of a client, which is told this once. It is kept by this page alone, and gone when one leaves it: also where a browser
 * would show the page again as it was.
 */
export const Secret = ({
  given: { name, key, secret, previousUntil },
  forget,
}: {
  readonly given: GivenSecret;
  readonly forget: () => void;
}): JSX.Element => {
  const heading = useRef<HTMLHeadingElement>(null);
  const [copied, setCopied] = useState<'no' | 'yes' | 'cannot'>('no');
  useEffect(() => {
    heading.current?.focus();
    setCopied('no');
  }, [secret]);
  useEffect(() => {
    addEventListener('pagehide', forget);
    return () => {
      removeEventListener('pagehide', forget);
    };
  }, []);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(secret);
      setCopied('yes');
    } catch {
      // Some browsers let no page write there.
      setCopied('cannot');
    }
  };
  return (
    <section class="utrecht-alert utrecht-alert--warning" aria-labelledby="secret">
      <div>
        <h2 class="nl-heading nl-heading--level-3" id="secret" tabIndex={-1} ref={heading}>
          {t('secret.title', { name })}
        </h2>
        <p>{t('secret.once')}</p>
        {previousUntil === null ? null : <p>{t('secret.previous', { date: momentOf(previousUntil) })}</p>}
        <dl class="secret">
          <dt>{t('clients.key')}</dt>
          <dd>
            <code>{key}</code>
          </dd>
          <dt>{t('secret.secret')}</dt>
          <dd>
            <code>{secret}</code>
          </dd>
        </dl>
        <p class="buttons first">
          <button type="button" class="nl-button nl-button--primary" onClick={() => void copy()}>
            {t('secret.copy')}
          </button>
          <button type="button" class="nl-button nl-button--secondary" onClick={forget}>
            {t('secret.forget')}
          </button>
        </p>
        <p role="status">{copied === 'no' ? '' : t(copied === 'yes' ? 'secret.copied' : 'secret.cannotCopy')}</p>
      </div>
    </section>
  );
};
