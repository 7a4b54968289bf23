/** As mysql2 makes it, as far as it is asked here. */
interface NodeConnection {
  query(text: string, done: (error: Error | null, result: unknown) => void): unknown;
}

/**
 * Connections to nodes of a Galera cluster. A node is behind the others by moments, and by minutes while it gives its data to another;
 * only a statement that says so waits until it has all that was committed before. Source: docs/adr/0030.
 */
const toNodes = new WeakSet<object>();

/** Looks once, when a connection is made: a proxy may lead the next one elsewhere. Answers whether it is a cluster. */
export const noteNode = async (connection: NodeConnection): Promise<boolean> => {
  const rows = await asked(connection, "SHOW VARIABLES LIKE 'wsrep_on'");
  const isNode = Array.isArray(rows) && (rows as readonly { readonly Value?: unknown }[])[0]?.Value === 'ON';
  if (isNode) toNodes.add(connection);
  return isNode;
};

export const isNode = (connection: object): boolean => toNodes.has(connection);

/** Past everything else. */
export const asked = (connection: NodeConnection, text: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    connection.query(text, (error, result) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });

/** The provider's own limit is half a minute, and nothing but the end of the connection ends its wait. */
const waitMs = 3_000;

/** A SELECT that begins when the node has all that was committed before. */
export const caughtUp = (text: string): string => `SET STATEMENT wsrep_sync_wait=1 FOR ${text}`;

/** A node that is behind for too long; as the driver reports a connection that was lost. */
export class NodeIsBehind extends Error {
  readonly code = 'ETIMEDOUT';
  readonly fatal = true;
  constructor(options?: ErrorOptions) {
    super('the node of the cluster is behind the others', options);
    this.name = 'NodeIsBehind';
  }
}

/** Sends what waits for the cluster, for three seconds at most; then the connection is given up. Rejects with `NodeIsBehind`. */
export const withinWait = async <T>(connection: NodeConnection, send: () => Promise<T>): Promise<T> => {
  const timer = setTimeout(() => {
    streamOf(connection)?.destroy(new NodeIsBehind());
  }, waitMs);
  try {
    return await send();
  } catch (error) {
    // What the provider says at its own limit.
    if ((error as { readonly errno?: unknown }).errno === 1205) throw new NodeIsBehind({ cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
  }
};

const streamOf = (connection: object): { destroy(error: Error): void } | undefined =>
  (connection as { readonly stream?: { destroy(error: Error): void } }).stream;
