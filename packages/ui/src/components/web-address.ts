/** Which texts are addresses that a link may lead to. */

/**
 * The address, where a text is one of http or https; undefined for all else: data must not bring javascript:.
 */
export function webAddress(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text)) return undefined;
  try {
    return new URL(text).href;
  } catch {
    return undefined;
  }
}
