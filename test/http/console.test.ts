import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type Express } from 'express';
import request from 'supertest';
import { consolePages } from '../../src/http/console.ts';
import { faultAnswer, nothingHere } from '../../src/http/middleware/error-handler.ts';
import { builtConsole } from '../support/compiled.ts';
import { testApp } from './support/app.ts';

const app = (theme = 'civitas'): Express => {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const limited: express.RequestHandler = (_request, _response, next) => {
    next();
  };
  return express().use(consolePages({ theme, limited, folder: builtConsole }), nothingHere, faultAnswer(log));
};

describe('/console', () => {
  it('is one page, whatever stands behind it in the address, and asks nobody but us', async () => {
    for (const address of ['/console', '/console/', '/console/person/1/101', '/console/receipt/x.y']) {
      const { status, headers, text } = await request(app()).get(address);

      expect([address, status, headers['content-type']]).toEqual([address, 200, 'text/html; charset=utf-8']);
      expect(text).toContain('<div id="console">');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers['cache-control']).toBe('no-cache');
    }
  });

  it('asks whoever is led to a page of it from elsewhere', async () => {
    const open = (address: string, from: string) => request(app()).get(address).set('Sec-Fetch-Site', from);
    for (const from of ['cross-site', 'same-site']) {
      const { status, headers } = await open('/console/person/1/101?x=/y', from);
      const to = '/console?to=%2Fconsole%2Fperson%2F1%2F101%3Fx%3D%2Fy';
      expect([status, headers['location']]).toEqual([303, to]);
      expect(headers['vary']).toContain('Sec-Fetch-Site');
      expect((await open('/console', from)).status).toBe(200);
      expect((await open('/console/theme.css', from)).status).toBe(200);
    }
    for (const from of ['none', 'same-origin']) expect((await open('/console/person/1/101', from)).status).toBe(200);
  });

  it('holds no script and no style in itself, and names nothing of another host', async () => {
    const { text } = await request(app()).get('/console');

    expect(text).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=|https?:/);
  });

  it('keeps script and styles for good, by names that change with them', async () => {
    const page = await request(app()).get('/console');
    const names = [...page.text.matchAll(/\/console\/assets\/[\w.-]+/g)].map(([name]) => name);

    expect(names.map((name) => name.split('.').at(-1)).toSorted()).toEqual(['css', 'js']);
    for (const name of names) {
      const { status, headers } = await request(app()).get(name);
      expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
      expect([headers['content-encoding'], headers['content-type']]).toEqual([
        'gzip',
        name.endsWith('.js') ? 'text/javascript; charset=utf-8' : 'text/css; charset=utf-8',
      ]);
      const plain = await request(app()).get(name).set('Accept-Encoding', 'identity');
      expect([plain.status, plain.headers['content-encoding']]).toEqual([200, undefined]);
    }
  });

  it('is at most 60 kB of script, packed', async () => {
    const page = await request(app()).get('/console');
    const [script = ''] = /\/console\/assets\/[\w.-]+\.js/.exec(page.text) ?? [];
    const { headers } = await request(app()).get(script);
    expect(Number(headers['content-length'])).toBeLessThan(60_000);
  });

  it.each([
    '/console/assets/gone.js',
    '/console/assets/..%2Findex.html',
    '/console/assets/%2e%2e%2f%2e%2e%2fsrc%2fmain.js',
  ])('has nothing else at %s', async (address) => {
    expect((await request(app()).get(address)).status).toBe(404);
  });

  it('looks as it is told: as one of the themes that are shipped, or as a file of tokens', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'civitas-theme-'));
    const file = join(folder, 'ours.css');
    writeFileSync(file, ':root { --basis-color-default-bg-document: #ffe }');
    const themes = await Promise.all(
      ['civitas', 'voorbeeld', file].map(async (theme) => (await request(app(theme)).get('/console/theme.css')).text),
    );
    rmSync(folder, { recursive: true });

    expect(themes[0]).toContain('light-dark(');
    expect(themes[1]).toContain('color-scheme: light');
    expect(themes[2]).toContain('#ffe');
  });

  it('only answers GET and HEAD', async () => {
    const { status, headers } = await request(app()).post('/console');

    expect([status, headers['allow']]).toEqual([405, 'GET, HEAD']);
  });

  it('is nowhere where it is not wanted', async () => {
    for (const address of ['/console', '/console/theme.css', '/console/person/1/101'])
      expect((await request(testApp({}, { console: undefined }).app).get(address)).status).toBe(404);
  });
});
