/** The LogQL editor. */
import { useMemo, type ReactNode } from "react";
import CodeField, { type CodeFieldProps } from "./code-field.tsx";
import { logqlCompletion, type LogqlNames } from "./logql-completion.ts";
import { logqlLanguage } from "./logql-language.ts";

export interface LogqlFieldProps extends Omit<CodeFieldProps, "language" | "label" | "placeholder"> {
  readonly names: LogqlNames;
}

export default function LogqlField({ names, ...rest }: LogqlFieldProps): ReactNode {
  const language = useMemo(
    () => [logqlLanguage, logqlLanguage.data.of({ autocomplete: logqlCompletion(names) })],
    [names],
  );
  return (
    <CodeField
      {...rest}
      language={language}
      label="LogQL query"
      placeholder='Words to find, or LogQL: {job="…"} |= "…"'
    />
  );
}
