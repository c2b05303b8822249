/** What stands where data would: an error, a warning, an emptiness, a wait. */
import type { ReactNode } from "react";
import { ApiError, messageOf } from "../api/api-error.ts";

export function ErrorNotice({ error, what }: { readonly error: unknown; readonly what?: string }): ReactNode {
  const kind =
    error instanceof ApiError && error.errorType !== "" ? error.errorType.replaceAll("_", " ") : "";
  return (
    <div className="notice notice-error" role="alert">
      {what === undefined ? null : <strong>{what}</strong>}
      <span className="notice-text mono">{messageOf(error)}</span>
      {kind === "" ? null : <span className="notice-kind">{kind}</span>}
    </div>
  );
}

export function Notes({
  title,
  notes,
}: {
  readonly title: string;
  readonly notes: readonly string[];
}): ReactNode {
  if (notes.length === 0) return null;
  return (
    <ul className="notice notice-warn" aria-label={title}>
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children === undefined ? null : <div className="empty-text">{children}</div>}
    </div>
  );
}

export function Loading({ what }: { readonly what: string }): ReactNode {
  return (
    <div className="loading" role="status">
      <i className="loading-bar" />
      <span className="visually-hidden">Loading {what}</span>
    </div>
  );
}
