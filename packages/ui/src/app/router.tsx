/** Which address shows which page. A page is a chunk of its own. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { parseFlatSearch, stringifyFlatSearch, type FlatSearch } from "./flat-search.ts";
import { NotFound, PageFailed } from "./page-failed.tsx";
import { Shell } from "./shell.tsx";

const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: PageFailed,
  validateSearch: (search): FlatSearch => search as FlatSearch,
});

const PAGES = {
  home: () => import("../pages/home/home-page.tsx"),
  // /metrics is where the process's own exposition stands.
  query: () => import("../pages/metrics/metrics-page.tsx"),
  logs: () => import("../pages/logs/logs-page.tsx"),
  alerts: () => import("../pages/alerts/alerts-page.tsx"),
  targets: () => import("../pages/targets/targets-page.tsx"),
};

const at = <Path extends string>(path: Path) => ({ getParentRoute: () => rootRoute, path }) as const;

const routes = [
  createRoute({ ...at("/"), component: lazyRouteComponent(PAGES.home) }),
  createRoute({ ...at("/query"), component: lazyRouteComponent(PAGES.query) }),
  createRoute({ ...at("/logs"), component: lazyRouteComponent(PAGES.logs) }),
  createRoute({ ...at("/alerts"), component: lazyRouteComponent(PAGES.alerts) }),
  createRoute({ ...at("/targets"), component: lazyRouteComponent(PAGES.targets) }),
  // Alerts' generator URLs and old bookmarks.
  createRoute({
    ...at("/graph"),
    beforeLoad: ({ search }) => {
      throw redirect({ to: "/query", search, replace: true });
    },
  }),
];

/**
 * Fetches the other pages while nothing else is to do, so that they open at once, and even from a server that
 * is down.
 */
export async function fetchAllPages(): Promise<void> {
  // One that does not come now is asked for again when it is opened.
  await Promise.allSettled(Object.values(PAGES).map(async (load) => await load()));
}

export const router = createRouter({
  routeTree: rootRoute.addChildren(routes),
  parseSearch: parseFlatSearch,
  stringifySearch: stringifyFlatSearch,
  defaultPreload: "intent",
  // In the page's place, so that the ways to the other pages stay.
  defaultErrorComponent: PageFailed,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
