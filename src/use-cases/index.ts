import type { Ports } from '../ports/index.ts';
import { actorOf } from './actor-now.ts';
import { anonymizeUser } from './anonymization/anonymize-user.ts';
import { listAudit } from './audit/list-audit.ts';
import { readReceipt } from './audit/receipt.ts';
import { anonymizationStatus, readOperation } from './audit/status.ts';
import type { Background } from './background.ts';
import { beginRun } from './anonymization-runs/begin-run.ts';
import { listRuns } from './anonymization-runs/list-runs.ts';
import { planRun } from './anonymization-runs/plan-run.ts';
import { startRun } from './anonymization-runs/start-run.ts';
import { createSite, deleteSite } from './sites/sites.ts';
import { updateSite } from './sites/update-site.ts';
import { createUser } from './users/create-user.ts';
import { deleteUser, deleteRows } from './anonymization/delete-rows.ts';
import type { DeliverMessage } from './outbox/deliver-message.ts';
import { listOutbox, retryMessage, retryOutbox } from './outbox/waiting.ts';
import { endSession, leaveConsole, listSessions, logIntoConsole } from './sessions/console.ts';
import { getMe } from './sessions/get-me.ts';
import { getUser, storedTexts } from './users/get-user.ts';
import { listDrift } from './person-sync/list-drift.ts';
import { listActivity } from './users/list-activity.ts';
import { listPage, streamPage, streamUsers } from './users/list-users.ts';
import { consoleLoginSite } from './sites/platform-site.ts';
import { logIn, loginProvider } from './sessions/log-in.ts';
import { endLogin, logOut } from './sessions/log-out.ts';
import { previewAnonymization } from './anonymization/preview-anonymization.ts';
import { previewSite } from './anonymization-runs/preview-site.ts';
import { namedRunStatus, runStatus } from './anonymization-runs/run-status.ts';
import { cancelRun, pauseRun, resumeRun } from './anonymization-runs/steer-run.ts';
import { updateUser } from './users/update-user.ts';
import { actingClient, tokens } from './clients/tokens.ts';
import { anonymizePerson } from './people/anonymize-person.ts';
import { clients } from './clients/clients.ts';
import { deletePerson } from './people/delete-person.ts';
import { exportPerson } from './people/export-person.ts';
import { exportUser } from './people/export-user.ts';
import { findPeople } from './people/find-people.ts';
import { getPerson, setFacts } from './people/one-person.ts';
import { listPeople } from './people/list-people.ts';
import { readPerson } from './people/read-person.ts';

/** Every use case of the sites' API, given what it needs. */
export type UseCases = ReturnType<typeof useCasesOf>;
export const useCasesOf = (ports: Ports, deliver: DeliverMessage, background: Background) => ({
  actorOf: actorOf(ports, background),
  loginProvider: loginProvider(ports),
  logIn: logIn(ports, deliver),
  logOut: logOut(ports),
  consoleLoginSite: consoleLoginSite(ports),
  logIntoConsole: logIntoConsole(ports),
  listSessions: listSessions(ports),
  endSession: endSession(ports, logOut(ports)),
  leaveConsole: leaveConsole(ports),
  getMe: getMe(ports),
  listPage: listPage(ports),
  streamPage: streamPage(ports),
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
  beginRun: beginRun(ports),
  runStatus: runStatus(ports),
  pauseRun: pauseRun(ports),
  resumeRun: resumeRun(ports),
  cancelRun: cancelRun(ports),
  planRun: planRun(ports),
  startRun: startRun(ports),
  listRuns: listRuns(ports),
  namedRunStatus: namedRunStatus(ports),
  listDrift: listDrift(ports),
  listOutbox: listOutbox(ports),
  retryMessage: retryMessage(ports, deliver),
  retryOutbox: retryOutbox(ports, deliver),
  findPeople: findPeople(ports),
  listAudit: listAudit(ports),
  readPerson: readPerson(ports),
  exportUser: exportUser(ports),
  readOperation: readOperation(ports),
  readReceipt: readReceipt(ports),
  /** What receipts are verified with, as a JWK set. */
  receiptKeys: () => ports.receipts.publicKeys(),
  createSite: createSite(ports),
  updateSite: updateSite(ports),
  deleteSite: deleteSite(ports),
});

export type ManagementUseCases = ReturnType<typeof managementUseCasesOf>;

/** Every use case of the management API; what anonymizes and deletes are the use cases of the site routes. */
export const managementUseCasesOf = (
  ports: Ports,
  useCases: Pick<UseCases, 'anonymizeUser'>,
  deliver: DeliverMessage,
) => ({
  ...actingClient(ports),
  ...tokens(ports),
  ...clients(ports),
  listPeople: listPeople(ports),
  getPerson: getPerson(ports),
  exportPerson: exportPerson(ports),
  setFacts: setFacts(ports),
  anonymizePerson: anonymizePerson(ports, useCases),
  deletePerson: deletePerson(ports, deleteRows(ports, deliver)),
});
