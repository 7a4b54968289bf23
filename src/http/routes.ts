import { tokenRoutes } from './management/token-routes.ts';
import { managedUserRoutes } from './management/user-routes.ts';
import type { Route } from './route.ts';
import { clientRoutes } from './routes/clients.ts';
import { consoleRoutes } from './routes/console.ts';
import { activityRoutes } from './routes/activity.ts';
import { auditRoute } from './routes/audit.ts';
import { anonymizationStatusRoute, operationRoute } from './routes/anonymization-status.ts';
import { anonymizeSiteRoutes } from './routes/anonymization-runs.ts';
import { anonymizeRoutes } from './routes/anonymize.ts';
import { backchannelLogoutRoute, loginRoutes } from './routes/login.ts';
import { driftRoute } from './routes/drift.ts';
import { outboxRoutes } from './routes/outbox.ts';
import { exportRoute, peopleRoutes } from './routes/people.ts';
import { peopleRunRoutes } from './routes/people-runs.ts';
import { receiptRoutes } from './routes/receipts.ts';
import { siteRoutes } from './routes/sites.ts';
import { userRoutes } from './routes/user-by-id.ts';
import { usersRoutes } from './routes/users.ts';

/** THE table: every endpoint. From it come the router, the 405s, OpenAPI and the refusal tests. Source: user-api.md §3. */
export const routes: readonly Route[] = [
  ...siteRoutes,
  ...usersRoutes,
  ...userRoutes,
  ...activityRoutes,
  ...anonymizeRoutes,
  ...anonymizeSiteRoutes,
  ...peopleRunRoutes,
  anonymizationStatusRoute,
  operationRoute,
  auditRoute,
  exportRoute,
  driftRoute,
  ...outboxRoutes,
  ...peopleRoutes,
  backchannelLogoutRoute,
  ...receiptRoutes,
  ...loginRoutes,
  ...consoleRoutes,
  ...managedUserRoutes,
  ...tokenRoutes,
  ...clientRoutes,
];

const withoutConsole = routes.filter(({ ofConsole }) => ofConsole !== true);

/** As much of the table as is served. */
export const routesWith = ({ console }: { readonly console: boolean }): readonly Route[] =>
  console ? routes : withoutConsole;
