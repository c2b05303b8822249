/** The PromQL editor: Prometheus's own language support, asking this server for names and values. */
import {
  newCompleteStrategy,
  PromQLExtension,
  type CompleteStrategy,
} from "@prometheus-io/codemirror-promql";
import { useMemo, type ReactNode } from "react";
import CodeField, { type CodeFieldProps } from "./code-field.tsx";

export interface PromqlFieldProps extends Omit<CodeFieldProps, "language" | "label" | "placeholder"> {
  /** Queries run before, the newest first: offered where the field is empty or begins as they do. */
  readonly past: () => readonly string[];
}

/** Names older than this need not be completed. */
const LOOKBACK_MS = 12 * 3_600_000;

export default function PromqlField({ past, ...rest }: PromqlFieldProps): ReactNode {
  const language = useMemo(() => {
    const strategy = withPastQueries(
      newCompleteStrategy({ remote: { url: "", lookbackInterval: LOOKBACK_MS, cache: { maxAge: 60_000 } } }),
      past,
    );
    return new PromQLExtension().setComplete({ completeStrategy: strategy }).asExtension();
  }, [past]);
  return (
    <CodeField {...rest} language={language} label="PromQL query" placeholder="PromQL, or a metric's name" />
  );
}

function withPastQueries(strategy: CompleteStrategy, past: () => readonly string[]): CompleteStrategy {
  return {
    promQL: async (context) => {
      const found = await strategy.promQL(context);
      const typed = context.state.doc.toString();
      const matching = past().filter((query) => query !== typed && query.startsWith(typed));
      const isAtStart = (found === null || found.from === 0) && context.pos === typed.length;
      if (!isAtStart || matching.length === 0 || (typed === "" && !context.explicit)) return found;
      const options = matching.map((query) => ({ label: query, detail: "past query", boost: -20 }));
      return { from: 0, ...found, options: [...(found?.options ?? []), ...options] };
    },
    destroy: () => strategy.destroy?.(),
  };
}
