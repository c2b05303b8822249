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

const at = <Path extends string>(path: Path) => ({ getParentRoute: () => rootRoute, path }) as const;

const routes = [
  createRoute({ ...at("/"), component: lazyRouteComponent(() => import("../pages/home/home-page.tsx")) }),
  // /metrics is where the process's own exposition stands.
  createRoute({
    ...at("/query"),
    component: lazyRouteComponent(() => import("../pages/metrics/metrics-page.tsx")),
  }),
  createRoute({ ...at("/logs"), component: lazyRouteComponent(() => import("../pages/logs/logs-page.tsx")) }),
  createRoute({
    ...at("/alerts"),
    component: lazyRouteComponent(() => import("../pages/alerts/alerts-page.tsx")),
  }),
  createRoute({
    ...at("/targets"),
    component: lazyRouteComponent(() => import("../pages/targets/targets-page.tsx")),
  }),
  // Alerts' generator URLs and old bookmarks.
  createRoute({
    ...at("/graph"),
    beforeLoad: ({ search }) => {
      throw redirect({ to: "/query", search, replace: true });
    },
  }),
];

export const router = createRouter({
  routeTree: rootRoute.addChildren(routes),
  parseSearch: parseFlatSearch,
  stringifySearch: stringifyFlatSearch,
  defaultPreload: "intent",
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
