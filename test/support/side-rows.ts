import type { Database } from '../../src/db/database.ts';
import { joined, raw, sql, type Value } from '../../src/db/sql.ts';

/** One row in a table, with OpenStad's stamps. Answers its id. */
export const put = (database: Database, table: string, row: Readonly<Record<string, Value>>): Promise<number> => {
  const now = new Date('2026-01-01T00:00:00Z');
  const all = { ...row, createdAt: now, updatedAt: now };
  const names = raw(
    Object.keys(all)
      .map((name) => `\`${name}\``)
      .join(', '),
  );
  return database.insert(
    sql`INSERT INTO ${raw(`\`${table}\``)} (${names}) VALUES (${joined(Object.values(all), ', ')})`,
  );
};

export interface Named {
  readonly userId: number;
  readonly siteId: number;
  readonly email: string;
  readonly mark: string;
}

/** A row that names this user in every side table of an OpenStad database, with a mark in every personal column. */
export const putEverywhere = async (database: Database, { userId, siteId, email, mark }: Named): Promise<void> => {
  const ideaId = await put(database, 'ideas', {
    ...{ siteId, userId: 2, title: 'Plan', summary: 'Kort', description: 'Lang', extraData: '{}' },
    ...{ startDate: new Date(0), modBreakUserId: userId },
  });
  const argumentId = await put(database, 'arguments', { ideaId, userId: 2, description: 'Omdat' });
  const pollId = await put(database, 'polls', { ideaId, userId: 2, question: 'Wat?' });
  const guideId = await put(database, 'choicesGuides', {
    siteId,
    title: 'Gids',
    description: '',
    images: '[]',
    config: '{}',
  });
  const templateId = await put(database, 'notification_templates', {
    ...{ label: `${siteId} ${userId}`, subject: 's', text: 't', templateFile: 'f' },
  });
  const rulesetId = await put(database, 'notification_rulesets', {
    ...{ notificationTemplateId: templateId, siteId, active: 1, label: 'l', body: '{}' },
  });
  const rows: Readonly<Record<string, Readonly<Record<string, Value>>>> = {
    argument_votes: { argumentId, userId, ip: `${mark} ip`, opinion: 'yes' },
    polls: { ideaId, userId, question: 'Van wie?' },
    pollVotes: { pollId, userId, ip: `${mark} ip`, choice: 'ja' },
    budgetVotes: { siteId, userId: String(userId), userIp: `${mark} ip` },
    submissions: { siteId, userId, submittedData: `{"a":"${mark}"}` },
    choicesGuideResults: {
      ...{ choicesGuideId: guideId, userId, extraData: `{"a":"${mark}"}`, userFingerprint: mark, result: '{}' },
    },
    newslettersignups: {
      ...{ siteId, email: email.toUpperCase(), firstName: mark, lastName: mark, extraData: `{"a":"${mark}"}` },
      ...{ confirmToken: mark, signoutToken: mark },
    },
    notifications: { subject: mark, to: email, from: 'site@example.org', type: 't', body: mark },
    notification_recipients: { notificationRulesetId: rulesetId, emailType: 'field', value: email },
    actions: { siteId, runDate: new Date(0), settings: '{}', userId },
    actionRuns: { message: mark, userId },
    logs: { name: 'mail', type: 'mail', email, userId, extraData: `{"a":"${mark}"}` },
    auth_tokens: { uid: userId, hashedToken: mark, originUrl: mark, validUntil: new Date() },
  };
  for (const [table, row] of Object.entries(rows)) await put(database, table, row);
};
