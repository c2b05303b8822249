/** `html`, `js` and `urlquery`: text made safe for where it is put. */

const HTML: Readonly<Record<string, string>> = {
  "\0": "\ufffd",
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (char) => HTML[char]!);
}

const JS: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  '"': '\\"',
  "<": "\\u003C",
  ">": "\\u003E",
  "&": "\\u0026",
  "=": "\\u003D",
};

export function escapeJs(text: string): string {
  let result = "";
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (JS[char] !== undefined) result += JS[char];
    else if (code < 0x20 || (code >= 0x7f && !/^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char))) {
      result += `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
    } else result += char;
  }
  return result;
}

/** As Go's url.QueryEscape: all but letters, digits and `-_.~`, a space becoming `+`. */
export function escapeQuery(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}
