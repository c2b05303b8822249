/** The time as state: what says "4 s ago" must be drawn again when it is 5. */
import { useEffect, useState } from "react";

const TICK_MS = 1000;

/** Unix ms, moving on once a second. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
