import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint, compactVerify, importJWK, type JWK } from 'jose';
import { receiptSigning } from '../../src/platform/receipt-signing.ts';

const aPair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    der: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    open: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    jwk: publicKey.export({ format: 'jwk' }),
  };
};

describe('signing receipts', () => {
  it('makes a compact JWS that others verify with the published key', async () => {
    const { der } = aPair();
    const receipts = receiptSigning([der]);
    const [key] = receipts.publicKeys().keys;

    const { payload, protectedHeader } = await compactVerify(
      receipts.sign({ é: 'één' }),
      await importJWK(key as unknown as JWK),
    );

    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual({ é: 'één' });
    expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: key?.['kid'], typ: 'anonymization-receipt+jws' });
  });

  it('names a key by its thumbprint, however the key is written', async () => {
    const { der, pem, jwk } = aPair();
    const named = (text: string) => receiptSigning([text]).publicKeys().keys[0]?.['kid'];
    const thumbprint = await calculateJwkThumbprint(jwk);
    expect([der, pem, pem.replaceAll('\n', '\\n')].map(named)).toEqual([thumbprint, thumbprint, thumbprint]);
  });

  it('publishes all keys, none with its secret half', () => {
    const [first, second] = [aPair(), aPair()];
    const { keys } = receiptSigning([first.der, second.open]).publicKeys();
    expect(keys.map(({ x }) => x)).toEqual([first.jwk.x, second.jwk.x]);
    expect(keys.flatMap((key) => Object.keys(key))).not.toContain('d');
  });

  it.each([
    ['a public key in front', () => [aPair().open]],
    ['no key', () => []],
    ['what is no key', () => [Buffer.alloc(48).toString('base64')]],
    ['a key of another kind', () => [rsa()]],
  ])('refuses %s', (_name, keys) => {
    expect(() => receiptSigning(keys())).toThrow(/receipt key must be/);
  });
});

const rsa = (): string => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
};
