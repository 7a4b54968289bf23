import type { JSX } from 'preact';
import { useAsking, Failure, Waiting } from '../asking.tsx';
import { keepFile } from '../files.ts';
import { Page } from '../parts/page.tsx';
import { Wide } from '../parts/wide.tsx';
import { readReceipt, type Claims, type ReadReceipt, type Verdict } from '../receipts.ts';
import { siteTitle } from '../session.ts';
import { isolated, momentOf, numberOf, t, wordOr } from '../words/index.ts';

/** The receipt: whether its signature is good, what it says, and ways to keep it. */
export const ReceiptPage = ({ token }: { readonly token: string }): JSX.Element => {
  const asked = useAsking((signal) => readReceipt(token, signal), token);
  return (
    <Page title={t('receipt.title')} step="receipt">
      {asked.state === 'asking' ? <Waiting>{t('receipt.asking')}</Waiting> : null}
      {asked.state === 'failed' ? <Failure error={asked.error} again={asked.again} /> : null}
      {asked.state === 'answered' ? <Receipt receipt={asked.answer} token={token} /> : null}
    </Page>
  );
};

const looks = { good: 'ok', bad: 'error', unable: 'info' } as const satisfies Record<Verdict, string>;

const Receipt = ({
  receipt: { signed, claims, verdict },
  token,
}: {
  readonly receipt: ReadReceipt;
  readonly token: string;
}): JSX.Element => (
  <>
    <div class={`utrecht-alert utrecht-alert--${looks[verdict]}`} role="status">
      <p>{t(`receipt.${verdict}`)}</p>
    </div>
    <p class="buttons first no-print">
      <button
        type="button"
        class="nl-button nl-button--primary"
        onClick={() => {
          print();
        }}
      >
        {t('receipt.print')}
      </button>
      <button
        type="button"
        class="nl-button nl-button--secondary"
        onClick={() => {
          keepFile(`receipt-${claims.operation.slice(0, 8)}.jws`, 'application/jose', [signed]);
        }}
      >
        {t('receipt.download')}
      </button>
      <a class="nl-link" href={`/receipts/${token}`} target="_blank" rel="noreferrer">
        {t('receipt.page')}
      </a>
    </p>
    <Facts claims={claims} />
    <h2 class="nl-heading nl-heading--level-2">{t('receipt.counts')}</h2>
    <Counts claims={claims} />
    <details class="proof">
      <summary>{t('receipt.signed')}</summary>
      <p>{t('receipt.howToCheck')}</p>
      <p>
        <code>{signed}</code>
      </p>
    </details>
    <p class="buttons">
      <a class="nl-link" href="/console">
        {t('receipt.another')}
      </a>
    </p>
  </>
);

const Facts = ({
  claims: { call, at, by, reason, users, oauth, operation, digest, sealedAs, issuedAt },
}: {
  readonly claims: Claims;
}): JSX.Element => {
  const who = by.name ?? by.clientId ?? by.userId ?? null;
  const facts: readonly (readonly [string, string | null])[] = [
    [t('receipt.what'), wordOr(`call.${call}`, call)],
    [t('receipt.at'), momentOf(at)],
    [t('receipt.by'), `${wordOr(`by.${by.kind}`, by.kind)}${who === null ? '' : ` (${isolated(String(who))})`}`],
    [t('confirm.reason'), reason],
    [t('receipt.users'), numberOf(users)],
    [t('progress.account'), oauth === undefined ? null : t(`removal.${oauth.removal}`)],
    [
      t('receipt.settledAt'),
      oauth?.settledAt === null || oauth?.settledAt === undefined ? null : momentOf(oauth.settledAt),
    ],
    [t('receipt.operation'), operation],
    [t('receipt.digest'), digest],
    [t('receipt.sealedAs'), sealedAs],
    [t('receipt.issuedAt'), momentOf(issuedAt)],
  ];
  return (
    <table class="facts">
      <tbody>
        {facts.map(([name, value]) =>
          value === null ? null : (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ),
        )}
      </tbody>
    </table>
  );
};

/** What became of how many, site by site. */
const Counts = ({ claims: { sites } }: { readonly claims: Claims }): JSX.Element => {
  const lines = sites.flatMap(({ id, counts }) =>
    Object.entries(counts).flatMap(([kind, became]) =>
      Object.entries(became).flatMap(([how, n]) => (n === 0 ? [] : [{ id, kind, how, n }])),
    ),
  );
  if (lines.length === 0) return <p>{t('preview.none')}</p>;
  return (
    <Wide label={t('receipt.counts')}>
      <table class="counts">
        <thead>
          <tr>
            <th scope="col">{t('preview.site')}</th>
            <th scope="col">{t('preview.kind')}</th>
            <th scope="col">{t('receipt.became')}</th>
            <th scope="col" class="number">
              {t('receipt.number')}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ id, kind, how, n }, index) => (
            <tr key={index}>
              <th scope="row">{id === null ? t('preview.noSite') : siteTitle(id)}</th>
              <td>{wordOr(`kind.${kind}`, kind)}</td>
              <td>{wordOr(`became.${how}`, how)}</td>
              <td class="number">{numberOf(n)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
};
