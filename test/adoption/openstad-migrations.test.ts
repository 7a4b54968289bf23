import { raw } from '../../src/db/sql.ts';
import { adoptIn, withRecording } from '../support/adopted.ts';
import { exactDump } from '../support/exact-dump.ts';
import { describeOnMysql } from '../support/recorded-copy.ts';

/** What an OpenStad API has not done yet when it is older than its newest release by these steps. */
const notYet: readonly string[] = [
  'DROP TABLE IF EXISTS locks',
  'ALTER TABLE tags DROP COLUMN IF EXISTS type',
  'ALTER TABLE choicesGuideQuestions DROP COLUMN IF EXISTS validation, DROP COLUMN IF EXISTS extraConfig',
  "ALTER TABLE choicesGuideQuestions MODIFY COLUMN type ENUM('continuous', 'enum-buttons', 'enum-radio', 'a-to-b') DEFAULT 'continuous' NOT NULL",
  'CREATE INDEX IF NOT EXISTS siteId ON users (siteId)',
  'DROP INDEX IF EXISTS unique_users_email_per_site_id ON users',
  'CREATE INDEX IF NOT EXISTS ideaId ON votes (ideaId)',
  'DROP INDEX IF EXISTS unique_vote_per_user ON votes',
];

/** Of the kinds that its steps are: new tables, columns in a place, unique keys, other words of an ENUM, old tables dropped. */
const itsSteps: readonly string[] = [
  'CREATE TABLE locks (id int(11) NOT NULL, type varchar(255) COLLATE utf8_unicode_ci NOT NULL, createdAt datetime NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8 COLLATE=utf8_unicode_ci',
  'ALTER TABLE locks ADD PRIMARY KEY (id)',
  'ALTER TABLE locks MODIFY id int(11) NOT NULL AUTO_INCREMENT',
  'ALTER TABLE locks ADD UNIQUE uniqueLocksType (type)',
  'DROP TABLE IF EXISTS externalSites',
  'DROP TABLE IF EXISTS sessions',
  'DROP TABLE IF EXISTS images',
  'ALTER TABLE users ADD CONSTRAINT unique_users_email_per_site_id UNIQUE (siteId, email)',
  'ALTER TABLE votes ADD CONSTRAINT unique_vote_per_user UNIQUE (ideaId, userId, createdAt)',
  'ALTER TABLE users ADD newest DATETIME NULL DEFAULT NULL AFTER lastLogin',
  "ALTER TABLE arguments MODIFY COLUMN sentiment ENUM('against', 'for', 'no sentiment')",
  'ALTER TABLE tags ADD type VARCHAR(30) NULL DEFAULT NULL AFTER name',
  "ALTER TABLE choicesGuideQuestions MODIFY COLUMN type ENUM('continuous', 'enum-buttons', 'enum-radio', 'a-to-b', 'input', 'textarea', 'multiple-choice') DEFAULT 'continuous' NOT NULL",
  'ALTER TABLE choicesGuideQuestions ADD COLUMN validation JSON NULL AFTER seqnr',
  'ALTER TABLE choicesGuideQuestions ADD COLUMN extraConfig JSON NULL AFTER validation',
  'UPDATE ideas SET publishDate = createdAt',
];

describeOnMysql('OpenStad’s own migrations', () => {
  it.each(['openstad-api-database-fresh-started', 'openstad-api-database-upgraded'] as const)(
    'keep their log, pass on an adopted database, and leave it adopted: %s',
    (name) =>
      withRecording(name, async (database, url) => {
        for (const statement of notYet) await database.change(raw(statement));
        await database.change(raw("DELETE FROM `migrations` WHERE `name` >= '030'"));
        const log = (await exactDump(url)).get('migrations');
        await adoptIn(database);
        const adopted = await exactDump(url);
        const ours = [...adopted.keys()].filter((table) => table.startsWith('civitas_'));
        for (const [at, statement] of itsSteps.entries()) {
          await database.change(raw(statement));
          await database.change(raw(`INSERT INTO \`migrations\` (\`name\`) VALUES ('step-${at}.js')`));
        }
        const again = await adoptIn(database);

        const after = await exactDump(url);
        expect(adopted.get('migrations')).toEqual(log);
        expect(after.get('migrations')?.rows).toHaveLength((log?.rows.length ?? 0) + itsSteps.length);
        expect([...after.keys()].filter((table) => table.startsWith('civitas_'))).toEqual(ours);
        expect(ours).toContain('civitas_sessions');
        expect(again).toMatchObject({ steps: [], columnsAdded: [], people: { linkedNow: 0 } });
      }),
  );
});
