import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { Failure, useAsking, Waiting } from '../asking.tsx';
import { keyOf, lookAt, seen, type Whom } from '../looking.ts';
import { Page } from '../parts/page.tsx';
import { t } from '../words/index.ts';
import { Confirm } from './confirm.tsx';
import { Preview } from './preview.tsx';

/** What anonymizing would do, and then its confirmation. The address says which sites are left out, and at which of the two one is. */
export const AnonymizePage = ({
  siteId,
  userId,
}: {
  readonly siteId: string;
  readonly userId: string;
}): JSX.Element => {
  const { query, route } = useLocation();
  const without = new Set(
    (query['without'] ?? '')
      .split(',')
      .map(Number)
      .filter((id) => id > 0),
  );
  const whom: Whom = { siteId, userId, without };
  const address = (next: ReadonlySet<number>, isConfirming: boolean): string => {
    const said = new URLSearchParams({
      ...(next.size === 0 ? {} : { without: [...next].join() }),
      ...(isConfirming ? { confirm: 'yes' } : {}),
    }).toString();
    return `/console/person/${siteId}/${userId}/anonymize${said === '' ? '' : `?${said}`}`;
  };
  const shown = seen.value;
  const isConfirming = query['confirm'] !== undefined;
  // Whoever comes to confirm what they have not seen is shown it first.
  const mustLookFirst = isConfirming && shown?.key !== keyOf(whom);
  useEffect(() => {
    if (mustLookFirst) route(address(without, false), true);
  }, [mustLookFirst]);
  if (isConfirming && shown !== null && !mustLookFirst)
    return <Confirm look={shown} whom={whom} back={address(without, false)} key="confirm" />;
  return (
    <Looking
      whom={whom}
      onTick={(next) => {
        route(address(next, false), true);
      }}
      onNext={() => {
        route(address(without, true));
      }}
      key="preview"
    />
  );
};

const Looking = ({
  whom,
  onTick,
  onNext,
}: {
  readonly whom: Whom;
  readonly onTick: (without: ReadonlySet<number>) => void;
  readonly onNext: () => void;
}): JSX.Element => {
  const key = keyOf(whom);
  const asked = useAsking((signal) => lookAt(whom, signal), key);
  const look = asked.state === 'answered' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  useEffect(() => {
    if (asked.state === 'answered') seen.value = asked.answer;
  }, [asked.state === 'answered' ? asked.answer : null]);
  if (look === undefined)
    return (
      <Page title={t('step.preview')} step="preview" key="no-look">
        {asked.state === 'failed' ? (
          <Failure error={asked.error} again={asked.again} />
        ) : (
          <Waiting>{t('preview.counting')}</Waiting>
        )}
      </Page>
    );
  return (
    <Preview
      look={look}
      isOld={look.key !== key || asked.state !== 'answered'}
      without={whom.without}
      onTick={onTick}
      onNext={onNext}
      key="look"
    />
  );
};
