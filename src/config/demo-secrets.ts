import { hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Joi from 'joi';
import { ConfigFaults } from './faults.ts';

/** What the demo would otherwise have to be told: made once, kept in DATA_DIR, so that a second start opens the same data. */
export interface DemoSecrets {
  readonly clientSecret: string;
  readonly jwtSecret: string;
  readonly dataKey: string;
  /** Follows from the data key, so that a demo from before there were receipts goes on. */
  readonly receiptKey: string;
}

/** Reads `demo-secrets.json` (mode 600), or makes it; two starts at once end with the same secrets. Throws ConfigFaults for a spoiled file or folder. */
export const demoSecrets = (dataDir: string, existing = false): DemoSecrets => {
  const file = join(dataDir, 'demo-secrets.json');
  try {
    return read(file) ?? (existing ? noDemo(dataDir) : made(dataDir, file));
  } catch (error) {
    if (!isOfFiles(error)) throw error;
    const detail = `must be a folder that can be read and written: ${error.message}`;
    throw new ConfigFaults([{ setting: 'dataDir', variable: 'DATA_DIR', detail }], { cause: error });
  }
};

const noDemo = (dataDir: string): never => {
  const detail = `holds no demo (${dataDir}): begin one with npm start, or name the database that is meant (DATABASE_URL)`;
  throw new ConfigFaults([{ setting: 'dataDir', variable: 'DATA_DIR', detail }]);
};

type Kept = Omit<DemoSecrets, 'receiptKey'>;
const shape = Joi.object<Kept, true>({
  clientSecret: Joi.string().min(16).required(),
  jwtSecret: Joi.string().min(32).required(),
  dataKey: Joi.string().length(44).required(),
}).required();

const read = (file: string): DemoSecrets | null => {
  const text = textOf(file);
  if (text === null) return null;
  const checked = shape.validate(parsed(text));
  // Overwriting would make what was sealed unreadable for ever: somebody should decide that.
  if (checked.error !== undefined)
    throw new ConfigFaults([{ setting: 'dataDir', variable: 'DATA_DIR', detail: `holds a spoiled file: ${file}` }]);
  return withReceiptKey(checked.value);
};

const made = (dataDir: string, file: string): DemoSecrets => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const secrets: Kept = { clientSecret: random(), jwtSecret: random(), dataKey: randomBytes(32).toString('base64') };
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    // A link appears whole or not at all, and never in the place of another start's file.
    linkSync(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
  return read(file) ?? withReceiptKey(secrets);
};

const withReceiptKey = (kept: Kept): DemoSecrets => {
  const seed = Buffer.from(hkdfSync('sha256', Buffer.from(kept.dataKey, 'base64'), '', 'civitas demo receipts', 32));
  return { ...kept, receiptKey: Buffer.concat([ed25519Pkcs8, seed]).toString('base64') };
};
/** What stands before the 32 bytes of an Ed25519 key in PKCS#8 DER. Source: RFC 8410 §7. */
const ed25519Pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

const random = (): string => randomBytes(36).toString('base64url');

const textOf = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isOfFiles = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'syscall' in error && 'message' in error;
const hasCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;
