import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/** One key of DATA_KEY, with the name that stands inside what it seals. */
interface DataKey {
  readonly id: string;
  readonly bytes: Buffer;
}

/** Has the shape of the port `Secrets` (src/ports/platform.ts), which platform may not know. */
export interface Sealing {
  seal(purpose: string, text: string): string;
  /** What everything begins with that the first key seals. */
  readonly sealMark: string;
  /** Null when the text is not ours, was changed, or was sealed for something else. */
  open(purpose: string, sealed: string): string | null;
  fingerprint(purpose: string, text: string): string;
  mac(purpose: string, text: string): string;
  macKey(purpose: string, text: string, mac: string): number | null;
  newToken(): string;
  matches(purpose: string, text: string, fingerprint: string): boolean;
  readonly startDigest: () => { add(text: string): void; result(): string };
}

/**
 * AES-256-GCM under the first key (all keys open), as `v1.<key id>.<nonce, tag and text, base64url>`; fingerprints are
 * HMAC-SHA-256 over purpose and text, hex. `dataKeys`: 32 bytes in base64 each, at least one. Throws where a key is anything else.
 *
 * MACs are made with the first key, name it, and hold under all. Fingerprints hang on the LAST key: rotation puts new keys in
 * front, so what was found by its fingerprint (tombstones, leases, outbox keys) is found after it, too, and so do digests: what
 * was previewed before it can be done after it. Taking the last key away changes all fingerprints.
 */
export const createSecrets = (dataKeys: readonly string[]): Sealing => {
  const keys = dataKeys.map(dataKeyOf);
  const [first] = keys;
  const last = keys.at(-1);
  if (first === undefined || last === undefined) throw new Error('at least one data key is needed');
  const fingerprintKey = derived(last.bytes, 'civitas fingerprint');
  const digestKey = derived(last.bytes, 'civitas digest');
  const fingerprint = (purpose: string, text: string): string =>
    createHmac('sha256', fingerprintKey)
      .update(JSON.stringify([purpose, text]), 'utf8')
      .digest('hex');
  const macKeys = new Map<string, Buffer>();
  const mac = ({ id, bytes }: DataKey, purpose: string, text: string): string => {
    const name = `${id} ${purpose}`;
    const key = macKeys.get(name) ?? derived(bytes, `civitas mac ${purpose}`);
    macKeys.set(name, key);
    return `v1.${id}.${createHmac('sha256', key).update(text, 'utf8').digest('base64url')}`;
  };
  return {
    seal: (purpose, text) => sealed(first, purpose, text),
    sealMark: `v1.${first.id}.`,
    open: (purpose, text) => {
      const [version, id, body, ...rest] = text.split('.');
      const key = keys.find((one) => one.id === id);
      if (version !== 'v1' || key === undefined || body === undefined || rest.length > 0) return null;
      return opened(key, purpose, Buffer.from(body, 'base64url'));
    },
    newToken: () => randomBytes(32).toString('base64url'),
    fingerprint,
    mac: (purpose, text) => mac(first, purpose, text),
    macKey: (purpose, text, known) => {
      const at = keys.findIndex(({ id }) => known.startsWith(`v1.${id}.`));
      const key = keys[at];
      // As texts: in base64url several stand for the same bytes.
      return key !== undefined && isSame(Buffer.from(known, 'utf8'), Buffer.from(mac(key, purpose, text), 'utf8'))
        ? at
        : null;
    },
    // As texts: several are read as the same bytes.
    matches: (purpose, text, known) =>
      isSame(Buffer.from(known, 'utf8'), Buffer.from(fingerprint(purpose, text), 'utf8')),
    startDigest: () => {
      const hmac = createHmac('sha256', digestKey);
      return {
        add: (text) => {
          hmac.update(text, 'utf8');
        },
        result: () => hmac.digest('base64url'),
      };
    },
  };
};

const isSame = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other);

const nonceBytes = 12;
const tagBytes = 16;

const sealed = ({ id, bytes }: DataKey, purpose: string, text: string): string => {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', bytes, nonce).setAAD(boundTo(id, purpose));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return `v1.${id}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`;
};

const opened = ({ id, bytes }: DataKey, purpose: string, box: Buffer): string | null => {
  // A shorter tag than the whole would be accepted by the cipher: refuse it before.
  if (box.length < nonceBytes + tagBytes) return null;
  const tag = box.subarray(nonceBytes, nonceBytes + tagBytes);
  const decipher = createDecipheriv('aes-256-gcm', bytes, box.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(boundTo(id, purpose)).setAuthTag(tag);
  try {
    return decipher.update(box.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return null;
  }
};

/** Version, key id and purpose are sealed along: they cannot be exchanged. */
const boundTo = (id: string, purpose: string): Buffer => Buffer.from(`v1.${id}.${purpose}`, 'utf8');

const dataKeyOf = (base64: string): DataKey => {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length !== 32) throw new Error('a data key must be 32 bytes in base64');
  return { bytes, id: derived(bytes, 'civitas key id').subarray(0, 6).toString('base64url') };
};

const derived = (key: Buffer, purpose: string): Buffer => Buffer.from(hkdfSync('sha256', key, '', purpose, 32));
