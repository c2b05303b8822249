/**
 * Patterns that V8 provably matches in linear time, and how they are spelled for it.
 *
 * V8 backtracks: it tries one way through the pattern after another, from one start after another. That is
 * linear when
 *
 * 1. what is not an unbounded repetition has few ways through it, each short (STEPS_MAX);
 * 2. each unbounded repetition is of one class X, and what may come behind it begins with nothing in X. Then
 *    giving back characters of its run never helps: each try fails at once, and a run is read twice at most,
 *    there and back;
 * 3. where the match may start anywhere and there is an unbounded repetition, a bounded part P comes before
 *    the first one, and for each X has a character that is not in X. Then P stands nowhere inside a run of X,
 *    so that between a start and the end of what it reads there are few other starts, and a character is read
 *    from few starts.
 *
 * Whatever is not shown to be of this kind is not matched here.
 */
import { unreachable } from "@binnacle/model";
import { costOf, firstOf, partsOf } from "./analysis.ts";
import { areDisjoint, type CharClass } from "./char-class.ts";
import { STEPS_MAX } from "./limits.ts";
import type { Node } from "./syntax.ts";

export interface Anchors {
  readonly start: boolean;
  readonly end: boolean;
}

export function isLinear(node: Node, anchors: Anchors): boolean {
  const parts = partsOf(node);
  const bounded = parts.filter((part) => unboundedClass(part) === undefined);
  const cost = costOf({ kind: "concat", parts: bounded });
  // Not "greater": the cost of what is unbounded in a part is infinite, or no number.
  if (!(cost.paths * Math.max(1, cost.length) <= STEPS_MAX)) return false;

  const classes: CharClass[] = [];
  for (const [i, part] of parts.entries()) {
    const chars = unboundedClass(part);
    if (chars === undefined) continue;
    classes.push(chars);
    if (!areDisjoint(chars, firstOf(parts.slice(i + 1)).chars)) return false;
  }
  return classes.length === 0 || anchors.start || parts[0]?.kind === "start" || hasGuard(parts, classes);
}

/** The class that a part repeats without bound, if it does; a capture around it makes no difference. */
function unboundedClass(part: Node): CharClass | undefined {
  const node = part.kind === "capture" ? part.node : part;
  if (node.kind !== "repeat" || node.max !== Infinity) return undefined;
  return node.node.kind === "class" ? node.node.chars : undefined;
}

/** Condition 3. */
function hasGuard(parts: readonly Node[], classes: readonly CharClass[]): boolean {
  const guards: CharClass[] = [];
  for (const part of parts) {
    if (unboundedClass(part) !== undefined) break;
    if (part.kind === "class") guards.push(part.chars);
    else if (part.kind === "repeat" && part.min > 0 && part.node.kind === "class")
      guards.push(part.node.chars);
  }
  return classes.every((chars) => guards.some((guard) => areDisjoint(guard, chars)));
}

/**
 * Whether V8 gives the same groups as RE2. Not where a capture stands inside a repetition, since there
 * JavaScript forgets what RE2 remembers; and not where what is repeated may be empty, since JavaScript then
 * tries the next way.
 */
export function hasSameGroups(node: Node): boolean {
  switch (node.kind) {
    case "capture":
      return hasSameGroups(node.node);
    case "repeat":
      return !firstOf([node.node]).isNullable && !hasCapture(node.node) && hasSameGroups(node.node);
    case "concat":
    case "alternate":
      return node.parts.every(hasSameGroups);
    default:
      return true;
  }
}

function hasCapture(node: Node): boolean {
  switch (node.kind) {
    case "capture":
      return true;
    case "repeat":
      return hasCapture(node.node);
    case "concat":
    case "alternate":
      return node.parts.some(hasCapture);
    default:
      return false;
  }
}

/** The expression for V8, spelled without any flag that would change what a character matches but `u`. */
export function toRegExp(node: Node, anchors: Anchors, flags = ""): RegExp {
  const isUnicode = hasAstral(node);
  const source = `${anchors.start ? "^" : ""}(?:${sourceOf(node, isUnicode)})${anchors.end ? "$" : ""}`;
  return new RegExp(source, isUnicode ? `${flags}u` : flags);
}

/** Whether a character past U+FFFF, or half of one, may match. Otherwise code units are characters. */
export function hasAstral(node: Node): boolean {
  switch (node.kind) {
    case "class":
      return !areDisjoint(node.chars, [0xd800, 0xdfff, 0x10000, 0x10ffff]);
    case "concat":
    case "alternate":
      return node.parts.some(hasAstral);
    case "repeat":
    case "capture":
      return hasAstral(node.node);
    default:
      return false;
  }
}

function sourceOf(node: Node, isUnicode: boolean): string {
  switch (node.kind) {
    case "class":
      return classSource(node.chars, isUnicode);
    case "concat":
      return node.parts.map((part) => sourceOf(part, isUnicode)).join("");
    case "alternate":
      return `(?:${node.parts.map((part) => sourceOf(part, isUnicode)).join("|")})`;
    case "repeat": {
      const max = node.max === Infinity ? "" : String(node.max);
      return `(?:${sourceOf(node.node, isUnicode)}){${node.min},${max}}${node.isGreedy ? "" : "?"}`;
    }
    case "capture":
      return `(${sourceOf(node.node, isUnicode)})`;
    case "boundary":
      return "\\b";
    case "start":
      return "^";
    case "end":
      return "$";
    default:
      return unreachable(node);
  }
}

function classSource(chars: CharClass, isUnicode: boolean): string {
  const [first] = chars;
  if (chars.length === 2 && first === chars[1]) return pointSource(first!, isUnicode);
  let ranges = "";
  for (let i = 0; i < chars.length; i += 2) {
    ranges += pointSource(chars[i]!, isUnicode);
    if (chars[i + 1]! > chars[i]!) ranges += `-${pointSource(chars[i + 1]!, isUnicode)}`;
  }
  return `[${ranges}]`;
}

function pointSource(point: number, isUnicode: boolean): string {
  const character = String.fromCodePoint(point);
  if (/^[a-zA-Z0-9 ]$/.test(character)) return character;
  return isUnicode ? `\\u{${point.toString(16)}}` : `\\u${point.toString(16).padStart(4, "0")}`;
}
