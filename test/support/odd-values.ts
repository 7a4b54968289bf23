import { createConnection } from 'mysql2/promise';

/**
 * What old databases hold and no API would write: made in a recorded database (MySQL only), by a server that still took it.
 * Source: user-api.md §3 "walks by cursor", running.md "Zero dates".
 */
export const addOddValues = async (url: string): Promise<void> => {
  const connection = await createConnection(url);
  await connection.query("SET SESSION sql_mode = 'ALLOW_INVALID_DATES', SESSION foreign_key_checks = 0");
  for (const statement of statements) await connection.query(statement);
  await connection.end();
};

/** Users 101 to 110 are in every recording. */
const statements: readonly string[] = [
  "UPDATE users SET lastLogin = '0000-00-00', createdAt = '0000-00-00', updatedAt = '0000-00-00' WHERE id = 101",
  "UPDATE users SET listableByRole = '', detailsViewableByRole = '', gender = '', complete = 7 WHERE id = 102",
  "UPDATE users SET deletedAt = '0000-00-00' WHERE id = 103",
  "UPDATE users SET createdAt = '2023-00-10', updatedAt = '2023-02-31', isNotifiedAboutAnonymization = '0000-00-00' WHERE id = 104",
  "UPDATE users SET role = '', firstName = '', lastName = ' ', email = '' WHERE id = 105",
  "UPDATE ideas SET startDate = '0000-00-00', createdAt = '0000-00-00', status = '', viewableByRole = '' ORDER BY id LIMIT 2",
  "UPDATE ideas SET deletedAt = '0000-00-00' ORDER BY id DESC LIMIT 1",
  "UPDATE articles SET startDate = '0000-00-00', updatedAt = '2023-02-31', status = '' ORDER BY id LIMIT 1",
  "UPDATE arguments SET createdAt = '0000-00-00', sentiment = '', parentId = 999999 ORDER BY id LIMIT 1",
  "UPDATE votes SET updatedAt = '0000-00-00', confirmed = 7, userId = 999999 ORDER BY id LIMIT 1",
  "UPDATE sites SET updatedAt = '0000-00-00' WHERE id = 1",
];
