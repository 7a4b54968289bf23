import type { Schema } from './described.ts';

const header = (description: string): Schema => ({ description, schema: { type: 'string' } });

/** Headers of answers, by name. */
export const headers: Readonly<Record<string, Schema>> = {
  ETag: header('The tag of this representation, for `If-None-Match` and `If-Match`.'),
  Location: header('Where the new thing is, or how far what was begun is, or where a browser is sent.'),
  Total: header('How many there are.'),
  'Per-Page': header('How many a page.'),
  Age: header('Seconds since the profile came from the OAuth server (moderators and owner).'),
  'X-Cache': header(
    '`HIT`, `STALE` or `MISS` (moderators and owner; not of somebody who was added and has not logged in here).',
  ),
  'X-Plan-Digest': header(
    'The digest of the plan: send it as `If-Match` with `do-`, and exactly that plan is carried out.',
  ),
  Link: header(
    '`</receipts/…>; rel="receipt"`: where the signed receipt is read; absent where nothing was left to do.',
  ),
  'X-OAuth-Removal': header(
    '`done`, `pending`, `kept` or `none`: what became of the person at the OAuth server; to platform admins `kept;reason=…`. Absent where somebody was added and has not logged in.',
  ),
  'X-OAuth-Values': header(
    "`done`, `pending` or `none`: what became of the person's values for these sites at the OAuth server.",
  ),
};
