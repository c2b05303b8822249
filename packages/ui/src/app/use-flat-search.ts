/** A page's state is its URL: reads it, and writes it with or without a step in the history. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { FlatSearch } from "./flat-search.ts";

export type SetSearch = (next: FlatSearch, options?: { replace?: boolean }) => void;

export function useFlatSearch(): [FlatSearch, SetSearch] {
  const search: FlatSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const set = useCallback<SetSearch>(
    (next, options) => {
      void navigate({ to: ".", search: next, replace: options?.replace ?? false });
    },
    [navigate],
  );
  return [search, set];
}
