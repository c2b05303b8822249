/** The editor as its own chunk; until it has arrived the query is shown as text. */
import { lazy, Suspense, type ReactNode } from "react";
import type { PromqlFieldProps } from "./promql-field.tsx";
import type { LogqlFieldProps } from "./logql-field.tsx";

const LoadedPromqlField = lazy(() => import("./promql-field.tsx"));
const LoadedLogqlField = lazy(() => import("./logql-field.tsx"));

export function PromqlField(props: PromqlFieldProps): ReactNode {
  return (
    <Suspense fallback={<Waiting value={props.value} />}>
      <LoadedPromqlField {...props} />
    </Suspense>
  );
}

export function LogqlField(props: LogqlFieldProps): ReactNode {
  return (
    <Suspense fallback={<Waiting value={props.value} />}>
      <LoadedLogqlField {...props} />
    </Suspense>
  );
}

function Waiting({ value }: { readonly value: string }): ReactNode {
  return <div className="code-field-waiting mono">{value}</div>;
}
