import fc from 'fast-check';
import { createSecrets } from '../../src/platform/secrets.ts';

const keyOf = (fill: number) => Buffer.alloc(32, fill).toString('base64');
const [oldKey, newKey, strange] = [keyOf(1), keyOf(2), keyOf(3)];

describe('sealing', () => {
  it('opens whatever was sealed', () => {
    const secrets = createSecrets([oldKey]);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(secrets.open('login', secrets.seal('login', text))).toBe(text);
      }),
    );
  });

  it('never gives the same sealed text twice, and never shows the text', () => {
    const secrets = createSecrets([oldKey]);
    expect(secrets.seal('login', 'niels@example.org')).not.toBe(secrets.seal('login', 'niels@example.org'));
    expect(secrets.seal('login', 'niels@example.org')).not.toContain('niels');
  });

  it('opens with every key of the list and seals with the first', () => {
    const before = createSecrets([oldKey]);
    const during = createSecrets([newKey, oldKey]);
    expect(during.open('login', before.seal('login', 'text'))).toBe('text');
    expect(before.open('login', during.seal('login', 'text'))).toBeNull();
    expect(createSecrets([newKey]).open('login', during.seal('login', 'text'))).toBe('text');
  });

  it('refuses what was changed in any one place', () => {
    const secrets = createSecrets([oldKey]);
    const sealed = secrets.seal('login', 'a text');
    const other = (letter: string) => (letter === 'A' ? 'B' : 'A');
    for (const [at, letter] of Array.from(sealed).entries()) {
      const changed = sealed.slice(0, at) + other(letter) + sealed.slice(at + 1);
      // The last base64url letter may carry bits that stand for nothing.
      if (
        Buffer.from(changed.split('.')[2] ?? '', 'base64url').equals(
          Buffer.from(sealed.split('.')[2] ?? '', 'base64url'),
        ) &&
        at > 12
      )
        continue;
      expect(secrets.open('login', changed)).toBeNull();
    }
  });

  it.each(['', 'text', 'v1..', 'v1.abc.def', '....', `v1.${'x'.repeat(8)}.`])(
    'refuses %j, which is not ours',
    (text) => {
      expect(createSecrets([oldKey]).open('login', text)).toBeNull();
    },
  );

  it('opens for nothing but what it was sealed for', () => {
    const secrets = createSecrets([oldKey]);
    const purposes = ['cursor', 'login', 'session', 'intent', 'repeat'] as const;
    for (const sealedFor of purposes)
      for (const openedFor of purposes)
        expect(secrets.open(openedFor, secrets.seal(sealedFor, 'a text'))).toBe(
          sealedFor === openedFor ? 'a text' : null,
        );
  });

  it('refuses a box that was cut short', () => {
    const secrets = createSecrets([oldKey]);
    const sealed = secrets.seal('login', '');
    for (let length = 0; length < sealed.length; length += 1)
      expect(secrets.open('login', sealed.slice(0, length))).toBeNull();
  });
});

describe('fingerprints', () => {
  it('are the same for the same purpose and text, also after a rotation', () => {
    expect(createSecrets([newKey, oldKey]).fingerprint('whom', 'niels')).toBe(
      createSecrets([oldKey]).fingerprint('whom', 'niels'),
    );
    expect(createSecrets([oldKey]).fingerprint('whom', 'niels')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('stand for their text and purpose alone, however the two are cut', () => {
    const secrets = createSecrets([oldKey]);
    const made = secrets.fingerprint('tombstone', 'niels');
    const isMade = (purpose: string) => secrets.matches(purpose, 'niels', made);
    expect([isMade('tombstone'), isMade('client secret')]).toEqual([true, false]);
    for (const [purpose, text] of [
      ['tombston', 'eniels'],
      ['', 'tombstoneniels'],
      ['', '["tombstone","niels"]'],
      ['tombstone","niels', ''],
    ] as const)
      expect(secrets.fingerprint(purpose, text)).not.toBe(made);
  });

  it('cannot be made with another key', () => {
    expect(createSecrets([strange]).fingerprint('whom', 'niels')).not.toBe(
      createSecrets([oldKey]).fingerprint('whom', 'niels'),
    );
  });
});

it('takes no key of another size, and not no key', () => {
  expect(() => createSecrets([Buffer.alloc(31).toString('base64')])).toThrow('32 bytes');
  expect(() => createSecrets([])).toThrow('at least one');
});

describe('authenticating', () => {
  const [before, during] = [createSecrets([oldKey]), createSecrets([newKey, oldKey])];

  it('holds for the text and the purpose that it was made for, and says by which key', () => {
    const mac = before.mac('audit row', 'text');
    expect([before.macKey('audit row', 'text', mac), during.macKey('audit row', 'text', mac)]).toEqual([0, 1]);
    expect(during.macKey('audit row', 'text', during.mac('audit row', 'text'))).toBe(0);
    expect(before.macKey('audit row', 'another', mac)).toBeNull();
    expect(before.macKey('outbox message', 'text', mac)).toBeNull();
    expect(createSecrets([strange]).macKey('audit row', 'text', mac)).toBeNull();
  });

  it('refuses what differs in any one place, and what is no MAC at all', () => {
    const mac = before.mac('audit row', 'text');
    for (const at of mac.split('').keys())
      expect(
        before.macKey('audit row', 'text', `${mac.slice(0, at)}${mac[at] === 'A' ? 'B' : 'A'}${mac.slice(at + 1)}`),
      ).toBeNull();
    for (const other of ['', 'v1.', mac.slice(0, -1), `${mac}=`, ` ${mac}`, before.fingerprint('audit row', 'text')])
      expect(before.macKey('audit row', 'text', other)).toBeNull();
  });
});
