/** Copies a text, and says so. */
import { useEffect, useState, type ReactNode } from "react";
import { IconButton } from "./button.tsx";

const SAID_MS = 1600;

export function CopyButton({
  text,
  label,
}: {
  readonly text: () => string;
  readonly label: string;
}): ReactNode {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (said === "") return undefined;
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);

  const copy = async (): Promise<void> => {
    try {
      // Absent where the page came over plain http from another machine.
      await navigator.clipboard.writeText(text());
      setSaid("Copied");
    } catch {
      setSaid("The browser did not allow it");
    }
  };
  return (
    <span className="copy">
      <IconButton
        icon={said === "" ? "copy" : "link"}
        label={said === "" ? label : said}
        onClick={() => void copy()}
      />
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </span>
  );
}
