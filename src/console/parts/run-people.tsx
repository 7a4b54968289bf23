import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Run } from '../../client/index.ts';
import { api } from '../api.ts';
import { Failure, useAsking, Waiting } from '../asking.tsx';
import { t, wordOr } from '../words/index.ts';
import { Turning } from './walked.tsx';
import { Wide } from './wide.tsx';

/** What came of each person, a page at a time; looked at anew as the run goes on, at the OAuth server, too. */
export const RunPeople = ({
  run: { id: name, state, progress, awaitingRemoval },
}: {
  readonly run: Run;
}): JSX.Element => {
  const [page, setPage] = useState(0);
  const asked = useAsking(
    (signal) => api.call('readAnonymizationRun', { path: { run: name }, query: { page, pageSize: 50 }, signal }),
    [page, state, progress.done, awaitingRemoval].join(),
  );
  const people = (asked.state === 'answered' ? asked.answer : asked.state === 'asking' ? asked.before : undefined)
    ?.people;
  return (
    <>
      <h2 class="nl-heading nl-heading--level-2">{t('runs.people')}</h2>
      {asked.state === 'failed' ? <Failure error={asked.error} again={asked.again} /> : null}
      {asked.state === 'asking' && people?.metadata.page !== page ? <Waiting>{t('run.reading')}</Waiting> : null}
      {people === undefined ? null : (
        <>
          {people.forgotten === 0 ? null : <p>{t('run.forgotten', { n: people.forgotten })}</p>}
          <Wide label={t('runs.people')}>
            <table>
              <thead>
                <tr>
                  <th scope="col" class="number">
                    {t('audit.user')}
                  </th>
                  <th scope="col">{t('receipt.became')}</th>
                  <th scope="col">{t('progress.account')}</th>
                </tr>
              </thead>
              <tbody>
                {people.records.map(({ userId, outcome, oauth, operation }) => (
                  <tr key={userId}>
                    <td class="number">{userId}</td>
                    <td>
                      {operation === undefined ? (
                        outcomeText(outcome)
                      ) : (
                        <a class="nl-link" href={`/console/operation/${operation}`}>
                          {outcomeText(outcome)}
                        </a>
                      )}
                    </td>
                    <td>{oauth === null ? '' : wordOr(`removal.${oauth.removal}`, oauth.removal)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
          <Turning page={page} pageCount={people.metadata.pageCount} onTurn={setPage} />
        </>
      )}
    </>
  );
};

const outcomeText = (outcome: string): string => {
  const [word = '', because] = outcome.split(';reason=');
  return `${wordOr(`outcome.${word}`, word)}${because === undefined ? '' : ` (${wordOr(`rule.${because}`, because)})`}`;
};
