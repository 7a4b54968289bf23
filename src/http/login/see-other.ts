import type { Answer } from '../route.ts';

/** Sends a browser on. The address may hold a token, so nothing of it is kept or told on (also helmet's `no-referrer`). */
export const seeOther = (address: string): Answer => ({
  status: 302,
  headers: { Location: address, 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store' },
});
