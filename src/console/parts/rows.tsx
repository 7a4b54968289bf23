import type { JSX } from 'preact';
import type { PersonAcrossSites } from '../../client/index.ts';
import { kinds } from '../figures.ts';
import { dayOf, listOf, t } from '../words/index.ts';
import { valueText } from '../values.ts';

type Row = PersonAcrossSites['users'][number];
interface Line {
  readonly name: string;
  readonly value: (row: Row) => string;
}

/**
 * The rows of one person side by side: a line for each field that one of them has. What all share stands once; what differs stands at
 * each site, with a mark and a word. The roles are written out, as a small screen shows the table line by line.
 */
export const Rows = ({
  users,
  labelledBy,
}: {
  readonly users: readonly Row[];
  readonly labelledBy: string;
}): JSX.Element => (
  <table class="rows" role="table" aria-labelledby={labelledBy}>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">
          {t('person.field')}
        </th>
        {users.map(({ id, site }) => (
          <th key={id} role="columnheader" scope="col">
            {site.title}
          </th>
        ))}
      </tr>
    </thead>
    <tbody role="rowgroup">
      {linesOf(users).map(({ name, value }, index) => {
        const values = users.map((row) => value(row));
        const isSame = values.every((one) => one === values[0]);
        return (
          <tr key={index} role="row">
            <th role="rowheader" scope="row">
              {name}
              {isSame || users.length === 1 ? null : <span class="unseen"> ({t('person.differs')})</span>}
            </th>
            {isSame ? (
              <td role="cell" colSpan={users.length}>
                {values[0]}
              </td>
            ) : (
              users.map((row, at) => (
                <td key={row.id} role="cell" class="differs">
                  <span class="at" aria-hidden="true">
                    {row.site.title}:{' '}
                  </span>
                  <span class="mark" aria-hidden="true">
                    ≠{' '}
                  </span>
                  {values[at] === '' ? <span class="quiet">{t('person.empty')}</span> : values[at]}
                </td>
              ))
            )}
          </tr>
        );
      })}
    </tbody>
  </table>
);

/** In this order; whatever none of the rows has is left out. */
const linesOf = (users: readonly Row[]): readonly Line[] => {
  const keys = [...new Set(users.flatMap(({ extraData }) => Object.keys(extraData)))].toSorted();
  const lines: readonly Line[] = [
    { name: t('field.name'), value: ({ fullName }) => fullName ?? '' },
    { name: t('field.nickName'), value: ({ nickName }) => nickName ?? '' },
    { name: t('field.email'), value: ({ email }) => email ?? '' },
    { name: t('field.phoneNumber'), value: ({ phoneNumber }) => phoneNumber ?? '' },
    { name: t('field.address'), value: addressOf },
    {
      name: t('field.gender'),
      value: ({ gender }) => (gender === null || gender === undefined ? '' : t(`gender.${gender}`)),
    },
    { name: t('field.role'), value: ({ role }) => (role === undefined ? '' : t(`role.${role}`)) },
    ...keys.map((key) => ({
      // As it stands: whoever fills it may call it as they like, but not as one of ours.
      name: key,
      value: ({ extraData }: Row) => valueText(extraData[key]),
    })),
    { name: t('field.listableByRole'), value: ({ listableByRole }) => roleText(listableByRole) },
    { name: t('field.detailsViewableByRole'), value: ({ detailsViewableByRole }) => roleText(detailsViewableByRole) },
    { name: t('field.lastLogin'), value: ({ lastLogin }) => (lastLogin === undefined ? '' : dayOf(lastLogin)) },
    { name: t('person.contributed'), value: contributedBy },
    {
      name: t('person.sessions'),
      value: ({ sessions }) => (sessions === undefined ? '' : t('person.sessionsNow', { n: sessions.n })),
    },
    {
      name: t('person.done'),
      value: ({ anonymization }) =>
        anonymization === null ? '' : t('person.anonymized', { date: dayOf(anonymization.at) }),
    },
  ];
  return lines.filter(({ value }) => users.some((row) => value(row) !== ''));
};

const roleText = (role: Row['listableByRole']): string =>
  role === null || role === undefined ? '' : t(`role.${role}`);

const addressOf = ({ streetName, houseNumber, suffix, postcode, city }: Row): string =>
  [`${streetName ?? ''} ${houseNumber ?? ''}${suffix ?? ''}`, `${postcode ?? ''} ${city ?? ''}`]
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(', ');

const contributedBy = ({ contributions }: Row): string => {
  const parts = kinds.flatMap((kind) =>
    kind === 'hidden' || contributions[kind] === 0 ? [] : [t(`many.${kind}`, { n: contributions[kind] })],
  );
  return parts.length === 0 ? t('person.nothing') : listOf(parts);
};
