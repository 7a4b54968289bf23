import { open } from 'node:fs/promises';
import { receiptWords } from '../../http/presenters/receipt-words.ts';
import type { HttpFailure } from '../../platform/http-exchange.ts';
import { receiptSigning, verifyReceipt, type ReceiptVerdict } from '../../platform/receipt-signing.ts';
import type { Receipt } from '../../use-cases/audit/commands.ts';
import { configHere } from '../command-errors.ts';
import { CommandFailed, type Ending } from '../endings.ts';
import { clean, jsonText, type Io } from '../io.ts';
import { factsText, tableText, type Cell } from '../table.ts';

/** No receipt, and no set of keys, comes near. */
const maxBytes = 1024 * 1024;
const timeLimitMs = 10_000;

/** Checks a receipt by the keys of this installation, or by those at an address or in a file, and says what it says. */
export const checkReceipt = async (io: Io, file: string, { jwks }: { readonly jwks?: string }): Promise<Ending> => {
  const text = await fileText(file);
  const verdict = verifyReceipt(text, jwks === undefined ? ownKeys() : await keysAt(jwks));
  if (verdict.kind !== 'genuine') {
    if (io.json) await io.print(jsonText({ genuine: false, ...verdict }));
    throw new CommandFailed(wrong(verdict, jwks));
  }
  const { keyId, claims } = verdict;
  if (io.json) await io.print(jsonText({ genuine: true, keyId, claims }));
  else {
    io.tell(`The receipt is genuine: it was signed with the key ${clean(keyId)}.`, 'green');
    await io.print(isReceipt(claims) ? inWords(io, claims) : jsonText(claims));
  }
  return 'done';
};

const wrong = (verdict: Exclude<ReceiptVerdict, { readonly kind: 'genuine' }>, jwks: string | undefined): string => {
  switch (verdict.kind) {
    case 'malformed':
      return `This is no receipt: ${verdict.what}.`;
    case 'unknown-key':
      return `Nobody can tell: it names the key ${verdict.keyId === '' ? '(none)' : clean(verdict.keyId)}, which is not among ${jwks === undefined ? 'those of this installation: --jwks names others' : `those of ${jwks}`}.`;
    case 'wrong-signature':
      return 'The receipt is NOT genuine: its signature does not fit what it says. It was changed, or never signed here.';
  }
};

const words = receiptWords.en;

const inWords = (io: Io, claims: Receipt['claims']): string =>
  `${factsText(io.out, factsOf(claims))}\n${tableText(io.out, [words.site, words.contribution, words.became, words.number], countsOf(claims))}`;

/** What is signed, each by its name, without what was not said. */
const factsOf = ({ by, oauth, ...claims }: Receipt['claims']): readonly (readonly [string, string])[] => {
  const actor = named(words.kinds, by.kind);
  const actorId = by.name ?? by.clientId ?? by.userId ?? null;
  const facts: readonly (readonly [string, string | null])[] = [
    [words.what, named(words.calls, claims.call)],
    [words.at, claims.at],
    [words.by, actorId === null ? actor : `${actor} (${actorId})`],
    [words.reason, claims.reason],
    [words.users, String(claims.users)],
    [words.oauth, oauth === undefined ? null : named(words.removals, oauth.removal)],
    [words.values, oauth === undefined ? null : named(words.valueOutcomes, oauth.values)],
    [words.settledAt, oauth?.settledAt ?? null],
    [words.operation, claims.operation],
    [words.digest, claims.digest],
    [words.sealedAs, claims.sealedAs],
    [words.issuedAt, claims.issuedAt],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
};

/** A row for each site, kind and disposition of which there was any. */
const countsOf = ({ sites }: Receipt['claims']): readonly (readonly Cell[])[] =>
  sites.flatMap(({ id, counts }) =>
    Object.entries(counts).flatMap(([kind, dispositions]) =>
      Object.entries(dispositions).flatMap(([disposition, count]) =>
        count === 0
          ? []
          : [
              [
                id === null ? words.noSite : String(id),
                named(words.contributions, kind),
                named(words.dispositions, disposition),
                count,
              ],
            ],
      ),
    ),
  );

/** What has no word of its own is shown as it stands. */
const named = (of: Readonly<Record<string, string>>, key: string | null): string =>
  key === null ? '–' : (of[key] ?? key);

/** Whether it is of the form that this program knows; who signs one of another form says something else. */
const isReceipt = (claims: unknown): claims is Receipt['claims'] => {
  if (typeof claims !== 'object' || claims === null) return false;
  const said = claims as Partial<Record<keyof Receipt['claims'], unknown>>;
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
  return said.version === 1 && isObject(said.by) && isObject(said.counts) && Array.isArray(said.sites);
};

/** Whoever only has a receipt has no settings. */
const ownKeys = (): unknown => {
  try {
    return receiptSigning(configHere().secrets.receiptKeys).publicKeys();
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new CommandFailed('This installation has no keys to check it by: name some with --jwks.', 'failed', {
      cause: error,
    });
  }
};

const keysAt = async (where: string): Promise<unknown> => {
  const text = /^https?:\/\//i.test(where) ? await textAt(where) : await fileText(where);
  try {
    const keys: unknown = JSON.parse(text);
    if (typeof keys === 'object' && keys !== null && 'keys' in keys) return keys;
  } catch {
    // Said below.
  }
  throw new CommandFailed(`What is at ${where} is no set of keys (JWKS).`);
};

/** A text of a file, or of stdin where the file is called `-`. */
const fileText = async (file: string): Promise<string> => {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    const source = file === '-' ? process.stdin : (await open(file)).createReadStream();
    for await (const piece of source) {
      size += (piece as Buffer).length;
      if (size > maxBytes) throw new CommandFailed(`${file} is larger than any receipt: 1 MB is read at most.`);
      pieces.push(piece as Buffer);
    }
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new CommandFailed(`${file} cannot be read: ${fileReasons[code] ?? code}.`, 'failed', { cause: error });
  }
  return Buffer.concat(pieces).toString();
};

const fileReasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this account may not read it',
  EISDIR: 'it is a folder',
};

/** Within a time and a size; redirects are not followed. */
const textAt = async (address: string): Promise<string> => {
  if (!URL.canParse(address)) throw new CommandFailed(`${address} is no address.`, 'wrong-words');
  const { origin, pathname, search } = new URL(address);
  const [{ httpClient }, { HttpFailure }] = await Promise.all([
    import('../../platform/http-client.ts'),
    import('../../platform/http-exchange.ts'),
  ]);
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const client = httpClient({ timeLimitMs, connections: 1, blames: () => false, log });
  try {
    const request = { method: 'GET', path: pathname + search, headers: { accept: 'application/json' } } as const;
    const { status, text } = await client.operation(origin, (send) => send(request));
    if (status === 200 && text.length <= maxBytes) return text;
    const found = status === 200 ? 'more than 1 MB' : `status ${status}`;
    throw new CommandFailed(`The keys at ${address} cannot be read: it answers ${found}.`);
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    throw new CommandFailed(`The keys at ${address} cannot be read: ${httpReasons[error.kind]}.`, 'failed', {
      cause: error,
    });
  } finally {
    await client.close();
  }
};

const httpReasons: Readonly<Record<HttpFailure['kind'], string>> = {
  unreachable: 'nothing answers there',
  'too-slow': `it did not answer within ${timeLimitMs / 1000} s`,
  'too-large': 'it answers more than is read',
  'circuit-open': 'nothing answers there',
  crowded: 'nothing answers there',
};
