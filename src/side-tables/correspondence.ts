import { kept, personal, secret, stamps, type Dispositions, type SideTable } from './definition.ts';

/** An address, and what was sent to it: nothing is left when that is taken out. */
const asLetters: Dispositions = { whenAnonymized: () => 'remove', whenHidden: 'remove', whenDeleted: 'remove' };

export const correspondence: readonly SideTable[] = [
  {
    table: 'newslettersignups',
    key: 'id',
    names: [
      { column: 'email', holds: 'email', siteColumn: 'siteId' },
      { column: 'externalUserId', holds: 'external-id', siteColumn: 'siteId' },
    ],
    columns: {
      ...stamps,
      siteId: kept,
      email: personal(),
      firstName: personal(),
      lastName: personal(),
      externalUserId: personal(),
      confirmed: kept,
      extraData: personal('{}'),
      confirmToken: secret(),
      signoutToken: secret(),
    },
    ...asLetters,
  },
  {
    table: 'notifications',
    key: 'id',
    names: [{ column: 'to', holds: 'email' }],
    columns: {
      ...stamps,
      subject: personal(),
      status: kept,
      to: personal(''),
      from: kept,
      type: kept,
      body: personal(),
    },
    ...asLetters,
  },
  {
    table: 'notification_recipients',
    key: 'id',
    // A fixed address is where a site wants its mail: its setting, whoever reads there.
    names: [{ column: 'value', holds: 'email', unless: { column: 'emailType', is: 'fixed' } }],
    columns: { ...stamps, notificationRulesetId: kept, emailType: kept, value: personal() },
    ...asLetters,
  },
];
