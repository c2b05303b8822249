/** Where there is no page, and where a page has failed: our mistake, said as such. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Button } from "../components/button.tsx";
import { Empty } from "../components/notice.tsx";

export function NotFound(): ReactNode {
  return (
    <Empty title="There is no page at this address.">
      <Link to="/">Go to Home</Link>
    </Empty>
  );
}

export function PageFailed({ error }: { readonly error: unknown }): ReactNode {
  return (
    <Empty title="This page has failed.">
      <p className="mono">{error instanceof Error ? error.message : String(error)}</p>
      <p>
        <Button onClick={() => location.reload()}>Load it again</Button>
      </p>
    </Empty>
  );
}
