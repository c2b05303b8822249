/** Numbers as Prometheus writes them into JSON: sample values as strings, timestamps as seconds. */

/** The shortest decimal that reads back as the same double, in Go's form (`1e-07`, `+Inf`). */
export function formatValue(value: number): string {
  if (Number.isFinite(value)) {
    if (Object.is(value, -0)) return "-0";
    const text = String(value);
    // JavaScript switches to an exponent where Prometheus does (below 1e-6, from 1e21), but Go pads it to two
    // digits.
    const e = text.indexOf("e");
    return e >= 0 && text.length - e === 3 ? `${text.slice(0, e + 2)}0${text.slice(e + 2)}` : text;
  }
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : "NaN";
}

/** Unix ms as seconds: whole, or with exactly three decimals. */
export function formatSeconds(timeMs: number): string {
  const isNegative = timeMs < 0;
  const ms = Math.abs(timeMs);
  const fraction = ms % 1000;
  const seconds = (ms - fraction) / 1000;
  const text = fraction === 0 ? String(seconds) : `${seconds}.${String(fraction).padStart(3, "0")}`;
  return isNegative ? `-${text}` : text;
}
