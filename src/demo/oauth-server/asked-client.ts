import type { Request } from 'express';
import { isJsonObject } from '../../domain/json.ts';
import { collated } from './collation.ts';
import type { ClientSpec } from './options.ts';
import { refuseSyntax } from './sql.ts';

/** Which client a call is about: the body goes before the query, `clientId` before `client_id`, both before the path. */
export const askedClient = (
  clients: readonly ClientSpec[],
  request: Request,
  inPath?: string,
): ClientSpec | undefined => {
  const body: unknown = request.body;
  const { clientId, client_id: snakeCase } = request.query;
  const named = [isJsonObject(body) ? body['clientId'] : undefined, clientId, snakeCase, inPath];
  const asked: unknown = named.find((one) => one !== undefined && one !== null && one !== '');
  if (Array.isArray(asked)) {
    const values = asked.map((one) => `'${String(one)}'`).join(', ');
    refuseSyntax(
      `select \`clients\`.* from \`clients\` where \`clients\`.\`clientId\` = ${values} limit 1`,
      ` ${values.slice(values.indexOf(', ') + 2)} limit 1`,
    );
  }
  return typeof asked === 'string' ? clientCalled(clients, asked) : undefined;
};

/** The column's collation ignores case. */
export const clientCalled = (clients: readonly ClientSpec[], clientId: string): ClientSpec | undefined =>
  clients.find((client) => collated(client.clientId) === collated(clientId));
