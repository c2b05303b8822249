/** The page's entry. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./api/api-error.ts";
import { fetchAllPages, router } from "./app/router.tsx";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/components.css";
import "./styles/shell.css";

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The server's no stays a no; a server that restarts is worth another try.
      retry: (failures, error) => error instanceof ApiError && error.kind === "unreachable" && failures < 2,
      retryDelay: 700,
      // Every page says itself how often it wants news.
      refetchOnWindowFocus: false,
      staleTime: 2000,
      // The server is this machine, more often than not: the browser's idea of being online says nothing.
      networkMode: "always",
    },
  },
});

createRoot(document.querySelector("#root")!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);

/** Later than the first page's own requests. */
const FETCH_PAGES_AFTER_MS = 3000;
setTimeout(() => void fetchAllPages(), FETCH_PAGES_AFTER_MS);
