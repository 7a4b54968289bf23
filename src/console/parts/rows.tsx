import type { JSX } from 'preact';
import type { PersonAcrossSites } from '../../client/index.ts';
import { kinds } from '../figures.ts';
import { titlesOf } from '../session.ts';
import { dayOf, listOf, t } from '../words/index.ts';
import { valueText } from '../values.ts';
import { Wide } from './wide.tsx';

type Row = PersonAcrossSites['users'][number];
interface Field {
  readonly name: string;
  readonly value: (row: Row) => string;
  readonly isOwn?: true;
}
/** A field that one of the rows has, with the value of each row. */
interface Line {
  readonly name: string;
  readonly values: readonly string[];
  readonly isSame: boolean;
  /** Whether its name was written by whoever filled it, and not by us. */
  readonly isOwn: boolean;
  /** What most rows have; null: they are too different. */
  readonly usual: string | null;
}

/** So many sites fit beside each other; of more each has a line. */
const sideBySide = 4;

/** The rows of one person: what all share stands once; what differs stands at each site, with a mark and a word. */
export const Rows = ({ users, labelledBy }: RowsProps): JSX.Element =>
  users.length > sideBySide ? (
    <Many users={users} labelledBy={labelledBy} />
  ) : (
    <>
      {users.length === 1 ? null : <p class="quiet">{t('person.same')}</p>}
      <Few users={users} labelledBy={labelledBy} />
    </>
  );

interface RowsProps {
  readonly users: readonly Row[];
  readonly labelledBy: string;
}

/**
 * Side by side: a line for each field that one of them has. The roles are written out, as a small screen shows the table line by
 * line.
 */
const Few = ({ users, labelledBy }: RowsProps): JSX.Element => {
  const titles = titlesOf(users.map(({ site }) => site));
  return (
    <table class="rows" role="table" aria-labelledby={labelledBy}>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">
            {t('person.field')}
          </th>
          {users.map(({ id, site }) => (
            <th key={id} role="columnheader" scope="col">
              {titles.get(site.id)}
            </th>
          ))}
        </tr>
      </thead>
      <Grouped lines={linesOf(users)} width={users.length + 1}>
        {({ name, isOwn, values, isSame }, index) => (
          <tr key={index} role="row">
            <th role="rowheader" scope="row">
              {isOwn ? <OwnField name={name} /> : name}
              {isSame || users.length === 1 ? null : <span class="unseen"> ({t('person.differs')})</span>}
            </th>
            {isSame ? (
              <td role="cell" colSpan={users.length}>
                <bdi>{values[0]}</bdi>
              </td>
            ) : (
              users.map((row, at) => (
                <Differing key={row.id} at={titles.get(row.site.id) ?? ''} isMarked value={values[at] ?? ''} />
              ))
            )}
          </tr>
        )}
      </Grouped>
    </table>
  );
};

/** What they share, and then a line for each site with what differs: marked is what is otherwise than at most of them. */
const Many = ({ users, labelledBy }: RowsProps): JSX.Element => {
  const titles = titlesOf(users.map(({ site }) => site));
  const lines = linesOf(users);
  const differing = lines.filter(({ isSame }) => !isSame);
  return (
    <>
      <table class="facts" role="table" aria-label={t('person.shared', { n: users.length })}>
        <Grouped lines={lines.filter(({ isSame }) => isSame)} width={2}>
          {({ name, isOwn, values: [value] }, index) => (
            <tr key={index} role="row">
              <th role="rowheader" scope="row">
                {isOwn ? <OwnField name={name} /> : name}
              </th>
              <td role="cell">
                <bdi>{value}</bdi>
              </td>
            </tr>
          )}
        </Grouped>
      </table>
      <p class="quiet">{t('person.most')}</p>
      <Wide label={t('person.rows')}>
        <table class="rows by-site" role="table" aria-labelledby={labelledBy}>
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader" scope="col">
                {t('preview.site')}
              </th>
              {differing.map(({ name, isOwn }, index) => (
                <th key={index} role="columnheader" scope="col">
                  {isOwn ? <OwnField name={name} isAlone /> : name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {users.map(({ id, site }, at) => (
              <tr key={id} role="row">
                <th role="rowheader" scope="row">
                  {titles.get(site.id)}
                </th>
                {differing.map(({ name, isOwn, values, usual }, index) => (
                  <Differing
                    key={index}
                    at={isOwn ? `${t('person.ownField')} ${name}` : name}
                    isMarked={usual !== null && values[at] !== usual}
                    isSaid
                    value={values[at] ?? ''}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  );
};

/** One value of several; `at`: of which site or field, for a small screen; `isSaid`: nothing else says that it differs. */
const Differing = ({
  at,
  isMarked,
  isSaid = false,
  value,
}: {
  readonly at: string;
  readonly isMarked: boolean;
  readonly isSaid?: boolean;
  readonly value: string;
}): JSX.Element => (
  <td role="cell" class={isMarked ? 'differs' : undefined}>
    <span class="at" aria-hidden="true">
      <bdi>{at}</bdi>:{' '}
    </span>
    {isMarked ? (
      <span class="mark" aria-hidden="true">
        ≠{' '}
      </span>
    ) : null}
    {value === '' ? <span class="quiet">{t('person.empty')}</span> : <bdi>{value}</bdi>}
    {isMarked && isSaid ? <span class="unseen"> ({t('person.differs')})</span> : null}
  </td>
);

/** Lines of fields that we know, and under a heading of their own those that somebody called as they liked. */
const Grouped = ({
  lines,
  width,
  children,
}: {
  readonly lines: readonly Line[];
  readonly width: number;
  readonly children: (line: Line, index: number) => JSX.Element;
}): JSX.Element => {
  const own = lines.filter(({ isOwn }) => isOwn);
  return (
    <>
      <tbody role="rowgroup">{lines.filter(({ isOwn }) => !isOwn).map(children)}</tbody>
      {own.length === 0 ? null : (
        <tbody role="rowgroup" class="own">
          <tr role="row">
            <th role="rowheader" scope="rowgroup" colSpan={width}>
              {t('person.own')}
            </th>
          </tr>
          {own.map(children)}
        </tbody>
      )}
    </>
  );
};

/** The key of an extraData, as it is written; `isAlone`: no heading says that it is one. */
export const OwnField = ({
  name,
  isAlone = false,
}: {
  readonly name: string;
  readonly isAlone?: boolean;
}): JSX.Element => (
  <>
    {isAlone ? <span class="quiet">{t('person.ownField')} </span> : null}
    <code>
      <bdi>{name}</bdi>
    </code>
  </>
);

/** In this order; whatever none of the rows has is left out. */
const linesOf = (users: readonly Row[]): readonly Line[] =>
  fieldsOf(users).flatMap(({ name, value, isOwn = false }) => {
    const values = users.map((row) => value(row));
    if (values.every((one) => one === '')) return [];
    return [{ name, isOwn, values, isSame: values.every((one) => one === values[0]), usual: usualOf(values) }];
  });

/** What more than half of them are. */
const usualOf = (values: readonly string[]): string | null =>
  values.find((one) => values.filter((other) => other === one).length * 2 > values.length) ?? null;

const fieldsOf = (users: readonly Row[]): readonly Field[] => {
  const keys = [...new Set(users.flatMap(({ extraData }) => Object.keys(extraData)))].toSorted();
  return [
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
    ...keys.map((key) => ({
      name: key,
      value: ({ extraData }: Row) => valueText(extraData[key]),
      isOwn: true as const,
    })),
  ];
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
