/** The frame about every page: the ways to the others, the server's state, the theme, the shortcuts. */
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { useMemo, useState, type ReactNode } from "react";
import { Icon, Mark, type IconName } from "../components/icon.tsx";
import type { FlatSearch } from "./flat-search.ts";
import { HelpDialog } from "./help-dialog.tsx";
import { PAGES, PAGE_SHORTCUTS, type PageEntry } from "./pages.ts";
import { alertsQuery, buildInfoQuery } from "./server-queries.ts";
import { chooseNextTheme, useThemeChoice, type ThemeChoice } from "./theme.ts";
import { activateMarked, useShortcuts } from "./use-shortcuts.ts";

const THEME_ICONS: Record<ThemeChoice, IconName> = { auto: "auto", light: "sun", dark: "moon" };

export function Shell(): ReactNode {
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  const searchOf = useRememberedSearch();
  const navigate = useNavigate();
  const actions = useMemo(() => {
    const map = new Map<string, () => void>([["?", () => setIsHelpOpen((isOpen) => !isOpen)]]);
    for (const page of PAGES) {
      map.set(page.keys, () => void navigate({ to: page.path, search: searchOf(page.path) }));
    }
    for (const { keys, mark } of PAGE_SHORTCUTS) map.set(keys, () => activateMarked(mark));
    return map;
  }, [navigate, searchOf]);
  useShortcuts(actions);

  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <nav className="side" aria-label="Pages">
        <Link to="/" className="brand" aria-label="Binnacle, Home">
          <Mark size={22} />
          <span>Binnacle</span>
        </Link>
        <ul className="side-pages">
          {PAGES.map((page) => (
            <li key={page.path}>
              <PageLink page={page} search={searchOf(page.path)} />
            </li>
          ))}
        </ul>
        <div className="side-foot">
          <ServerState />
          <div className="side-tools">
            <ThemeButton />
            <button
              type="button"
              className="button button-icon"
              title="Shortcuts (?)"
              aria-label="Shortcuts"
              onClick={() => setIsHelpOpen(true)}
            >
              <Icon name="help" />
            </button>
          </div>
        </div>
      </nav>
      <main className="main" id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <HelpDialog isOpen={isHelpOpen} onClose={() => setIsHelpOpen(false)} />
    </div>
  );
}

function PageLink({ page, search }: { readonly page: PageEntry; readonly search: FlatSearch }): ReactNode {
  return (
    <Link
      to={page.path}
      search={search}
      className="side-link"
      activeOptions={{ exact: true, includeSearch: false }}
      activeProps={{ "aria-current": "page" }}
      title={`${page.name} (${page.keys})`}
    >
      <Icon name={page.icon} size={18} />
      <span>{page.name}</span>
      {page.path === "/alerts" ? <FiringCount /> : null}
    </Link>
  );
}

function FiringCount(): ReactNode {
  const { data, isError } = useQuery(alertsQuery);
  if (isError) return null;
  const firing = data?.filter((alert) => alert.state === "firing").length ?? 0;
  return firing === 0 ? null : (
    <b className="side-count">
      {firing}
      <span className="visually-hidden"> firing</span>
    </b>
  );
}

function ServerState(): ReactNode {
  const { data, isError, isPending } = useQuery(buildInfoQuery);
  const state = isError ? "bad" : isPending ? "none" : "ok";
  const text = isError ? "No answer" : isPending ? "Connecting" : "Connected";
  return (
    <p className="server-state" role="status">
      <span className="state" data-state={state}>
        {text}
      </span>
      {data === undefined ? null : <span className="server-version">{data.version}</span>}
    </p>
  );
}

function ThemeButton(): ReactNode {
  const choice = useThemeChoice();
  const label = `Theme: ${choice === "auto" ? "as the system" : choice}`;
  return (
    <button
      type="button"
      className="button button-icon"
      aria-label={label}
      title={label}
      onClick={chooseNextTheme}
    >
      <Icon name={THEME_ICONS[choice]} />
    </button>
  );
}

/** The way back to a page leads to where one left it. */
function useRememberedSearch(): (path: string) => FlatSearch {
  const { pathname, search, searchStr } = useLocation();
  const [remembered, setRemembered] = useState<ReadonlyMap<string, { text: string; search: FlatSearch }>>(
    new Map(),
  );
  if (remembered.get(pathname)?.text !== searchStr) {
    setRemembered(new Map(remembered).set(pathname, { text: searchStr, search: search as FlatSearch }));
  }
  return useMemo(() => (path: string) => remembered.get(path)?.search ?? {}, [remembered]);
}
