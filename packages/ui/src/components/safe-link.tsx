/** A link whose address came from data: only http and https lead anywhere, all else is shown as text. */
import type { ReactNode } from "react";
import { webAddress } from "./web-address.ts";

export function SafeLink({
  href,
  children,
}: {
  readonly href: string;
  readonly children: ReactNode;
}): ReactNode {
  const address = webAddress(href);
  return address === undefined ? (
    <span>{children}</span>
  ) : (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}
