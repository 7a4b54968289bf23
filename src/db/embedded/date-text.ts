/**
 * The one text form of a DATETIME in SQLite, UTC: `2024-01-31 12:00:00.000 +00:00`, what Sequelize's models write too, so that
 * comparing texts compares moments.
 */
export const embeddedDateText = (date: Date): string => `${date.toISOString().slice(0, 23).replace('T', ' ')} +00:00`;
