import express, { type Router } from 'express';
import { encodedUnlessItSeemsSo, redirectUriIn, toAuthorize, toPage } from './kinds.ts';
import { textIn } from './session.ts';
import type { LoginWorld } from './visit.ts';
import { createHmac, randomBytes } from 'node:crypto';

/** The code of an authenticator app, asked of the roles that the client says; the first time the app is set up. */
export const twoFactorRoutes = ({ csrf, visitOfPerson }: LoginWorld): Router => {
  const routes = express.Router();
  /** By person; in memory: after a restart the app is set up anew. */
  const secrets = new Map<number, string>();
  const configured = new Set<number>();
  const assertNotYet = (id: number): void => {
    if (configured.has(id)) throw new Error('Not allowed to configure two factor token again.');
  };
  routes.use('/auth/two-factor', csrf);
  routes.get(
    '/auth/two-factor',
    visitOfPerson(({ client, request, person, show, goTo }) => {
      if (!configured.has(person.id)) {
        goTo(toPage('/auth/two-factor/configure', client, encodedUnlessItSeemsSo(request)));
        return;
      }
      show({
        heading: 'Valideer two factor token',
        form: {
          action: `/auth/two-factor?&clientId=${client.clientId}&redirect_uri=${redirectUriIn(request)}`,
          fields: [{ name: 'twoFactorToken', type: 'text' }],
        },
      });
    }),
  );
  routes.post(
    '/auth/two-factor',
    visitOfPerson(({ client, request, person, session, say, goTo }) => {
      if (isPassword(secrets.get(person.id) ?? '', textIn(request, 'twoFactorToken'))) {
        session.twoFactorValid = true;
        goTo(toAuthorize(client, redirectUriIn(request)));
        return;
      }
      say('Two factor validatie is niet gelukt, probeer het nogmaals.');
      goTo(request.get('referer') ?? toPage('/login', client, encodedUnlessItSeemsSo(request)));
    }),
  );
  routes.get(
    '/auth/two-factor/configure',
    visitOfPerson(({ client, request, person, show }) => {
      assertNotYet(person.id);
      const secret = secrets.get(person.id) ?? newSecret();
      secrets.set(person.id, secret);
      show({
        heading: 'Configureer je two-factor app',
        secret,
        form: {
          action: `/auth/two-factor/configure?&clientId=${client.clientId}&redirect_uri=${redirectUriIn(request)}`,
          fields: [],
        },
      });
    }),
  );
  routes.post(
    '/auth/two-factor/configure',
    visitOfPerson(({ client, request, person, say, goTo }) => {
      assertNotYet(person.id);
      configured.add(person.id);
      say('Two factor authentication configured!');
      goTo(toPage('/auth/two-factor', client, encodedUnlessItSeemsSo(request)));
    }),
  );
  return routes;
};

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const stepMs = 30_000;
/** Two minutes to either side. */
const tolerance = 4;

/** A secret as an authenticator app takes it, in base32. */
const newSecret = (): string => Array.from(randomBytes(32), (byte) => alphabet[byte % 32]).join('');

/** The six digits that an authenticator app shows (RFC 6238). */
export const passwordAt = (secret: string, ms: number): string => {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(ms / stepMs)));
  const mac = createHmac('sha1', bytesOf(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
};

const isPassword = (secret: string, given: string): boolean =>
  Array.from({ length: 2 * tolerance + 1 }, (_, index) => Date.now() + (index - tolerance) * stepMs).some(
    (ms) => passwordAt(secret, ms) === given,
  );

const bytesOf = (base32: string): Buffer => {
  const bits = Array.from(base32, (letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
};
