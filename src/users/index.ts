import type { Ports } from '../ports/index.ts';
import { actorOf } from './actor-of.ts';
import { anonymizeUser } from './anonymize-user.ts';
import { readReceipt } from './audit-receipt.ts';
import { anonymizationStatus, readOperation } from './audit-status.ts';
import type { Background } from './background.ts';
import { beginSiteRun } from './begin-site-run.ts';
import type { AllStories } from './stories.ts';
import { createUser } from './create-user.ts';
import { deleteUser } from './delete-user.ts';
import type { DeliverMessage } from './deliver-message.ts';
import { endLogin } from './end-login.ts';
import { getMe } from './get-me.ts';
import { getUser } from './get-user.ts';
import { listDrift } from './list-drift.ts';
import { listActivity } from './list-activity.ts';
import { listPage, streamUsers } from './list-users.ts';
import { logIn } from './log-in.ts';
import { logOut } from './log-out.ts';
import { previewAnonymization } from './preview-anonymization.ts';
import { previewSite } from './preview-site.ts';
import { siteRunStatus } from './site-run-status.ts';
import { pauseSiteRun, resumeSiteRun } from './steer-site-run.ts';
import { storedTexts } from './stored-texts.ts';
import { updateUser } from './update-user.ts';
import { wayIn } from './way-in.ts';

/** Every story, given what it needs. */
export const storiesOf = (ports: Ports, deliver: DeliverMessage, background: Background): AllStories => ({
  actorOf: actorOf(ports, background),
  wayIn: wayIn(ports),
  logIn: logIn(ports, deliver),
  logOut: logOut(ports),
  getMe: getMe(ports),
  listPage: listPage(ports),
  streamUsers: streamUsers(ports),
  getUser: getUser(ports, background),
  createUser: createUser(ports),
  storedTexts: storedTexts(ports),
  updateUser: updateUser(ports),
  deleteUser: deleteUser(ports, deliver),
  listActivity: listActivity(ports),
  previewAnonymization: previewAnonymization(ports),
  anonymizeUser: anonymizeUser(ports, deliver),
  anonymizationStatus: anonymizationStatus(ports),
  endLogin: endLogin(ports),
  previewSite: previewSite(ports),
  beginSiteRun: beginSiteRun(ports),
  siteRunStatus: siteRunStatus(ports),
  pauseSiteRun: pauseSiteRun(ports),
  resumeSiteRun: resumeSiteRun(ports),
  listDrift: listDrift(ports),
  readOperation: readOperation(ports),
  readReceipt: readReceipt(ports),
  receiptKeys: () => ports.receipts.publicKeys(),
});
