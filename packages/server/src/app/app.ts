/**
 * The HTTP server: hooks, error replies and all routes. It listens at once; routes that need a store say when
 * it is not open.
 */
import websocket from "@fastify/websocket";
import type { Logger } from "@binnacle/model";
import { fastify, type FastifyInstance } from "fastify";
import type { Notices } from "../life/notices.ts";
import { BODY_BYTES_MAX } from "../limits.ts";
import { addAdminRoutes, type AdminRoutesOptions } from "./admin-routes.ts";
import { compressAnswers } from "./compression.ts";
import { addDiscoveryRoutes, type DiscoveryRoutesOptions } from "./discovery-routes.ts";
import { addExemplarRoutes, type ExemplarRoutesOptions } from "./exemplar-routes.ts";
import { addFederateRoutes, type FederateRoutesOptions } from "./federate-routes.ts";
import { acceptForms, readForm } from "./forms.ts";
import { addIngestRoutes, type IngestRoutesOptions } from "./ingest-routes.ts";
import { lazyValidators } from "./lazy-validators.ts";
import { addLifeRoutes, type LifeRoutesOptions } from "./life-routes.ts";
import { addLogIngestRoutes } from "./log-ingest-routes.ts";
import { addLokiInsightRoutes } from "./loki-insight-routes.ts";
import { addLokiLegacyRoutes } from "./loki-legacy-routes.ts";
import { addLokiRoutes } from "./loki-routes.ts";
import { addNotificationRoutes } from "./notification-routes.ts";
import { addQueryRoutes, type QueryRoutesOptions } from "./query-routes.ts";
import { addRemoteReadRoute } from "./remote-read-route.ts";
import { sendError } from "./replies.ts";
import { answerUnknownRoutes } from "./unknown-routes.ts";
import { guardOrigins, type OriginOptions } from "./same-origin.ts";
import { addSearchRoutes } from "./search-routes.ts";
import { addDescription } from "./openapi-route.ts";
import { addPage } from "./static-ui.ts";
import { addStatusRoutes, type StatusSources } from "./status-routes.ts";
import { addStoreStatusRoutes, type StoreStatusOptions } from "./store-status-routes.ts";
import { writeServerFactory } from "./write-route.ts";
import { addTailSocket, type TailOptions } from "./tail-socket.ts";

export interface AppOptions {
  readonly logger: Logger;
  readonly life: LifeRoutesOptions;
  readonly status: StatusSources;
  readonly origins: OriginOptions;
  readonly admin: AdminRoutesOptions;
  readonly store: StoreStatusOptions;
  readonly notices: Notices;
  /** Everything that reads shares these: each group of routes takes what it needs. */
  readonly query: QueryRoutesOptions & ExemplarRoutesOptions & FederateRoutesOptions & DiscoveryRoutesOptions;
  readonly ingest: IngestRoutesOptions;
  readonly tail: TailOptions;
  /** Told of each route as it is registered. */
  readonly onRoute?: (route: { readonly method: string | string[]; readonly url: string }) => void;
  /** Where the built page lies. */
  readonly uiDir: string;
}

export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    serverFactory: writeServerFactory({ receiver: options.ingest.metrics, logger: options.logger }),
    bodyLimit: BODY_BYTES_MAX,
    // A slow client may take this long for a request; queries themselves have deadlines of their own.
    requestTimeout: 120_000,
    forceCloseConnections: true,
    schemaController: { compilersFactory: { buildValidator: lazyValidators() } },
    ajv: { customOptions: { coerceTypes: "array", removeAdditional: false } },
    routerOptions: { maxParamLength: 4096, querystringParser: readForm },
  });
  app.setErrorHandler((error, request, reply) => {
    sendError(error as Error, request, reply, options.logger);
  });
  const { onRoute } = options;
  if (onRoute !== undefined) app.addHook("onRoute", onRoute);
  answerUnknownRoutes(app);
  guardOrigins(app, options.origins);
  compressAnswers(app);
  acceptForms(app);
  await app.register(websocket, { options: { maxPayload: 64 * 1024 } });
  addLifeRoutes(app, options.life);
  addStatusRoutes(app, options.status);
  addStoreStatusRoutes(app, options.store);
  addNotificationRoutes(app, options.notices);
  addAdminRoutes(app, options.admin);
  addQueryRoutes(app, options.query);
  addExemplarRoutes(app, options.query);
  addFederateRoutes(app, options.query);
  addRemoteReadRoute(app, options.query);
  addSearchRoutes(app, options.query);
  addDiscoveryRoutes(app, options.query);
  addLokiRoutes(app, options.query);
  addLokiLegacyRoutes(app, options.query);
  addLokiInsightRoutes(app, options.query);
  addIngestRoutes(app, options.ingest);
  addLogIngestRoutes(app, options.ingest);
  await app.register((scope, _options, done) => {
    addTailSocket(scope, options.tail);
    done();
  });
  addDescription(app);
  addPage(app, options.uiDir);
  return app;
}
