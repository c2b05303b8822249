/** A YAML text with the places of its parts: what a mistake needs to say where it stands. */
import type { Position } from "@binnacle/model";
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Document, Pair, YAMLError, YAMLMap } from "yaml";
import { DOCUMENT_BYTES_MAX } from "./limits.ts";
import type { Mistake } from "./mistake.ts";

export type Path = readonly PropertyKey[];

export class YamlSource {
  readonly file: string;
  /** What the parser itself objects to. After any but duplicate keys the tree is a guess: see isUsable. */
  readonly mistakes: readonly Mistake[];
  /** Whether the tree says what the text says, so that checking it against a schema makes sense. */
  readonly isUsable: boolean;
  /** The document as plain values, as a person wrote them; nothing is shared with other calls. */
  readonly value: unknown;
  readonly #document: Document;
  readonly #lines = new LineCounter();

  constructor(text: string, file: string) {
    this.file = file;
    const mistakes: Mistake[] = [];
    const isTooLarge = text.length > DOCUMENT_BYTES_MAX;
    if (isTooLarge) {
      const expected = `at most DOCUMENT_BYTES_MAX = ${DOCUMENT_BYTES_MAX}`;
      mistakes.push({ file, line: 1, column: 1, path: "", found: `${text.length} characters`, expected });
    }
    this.#document = parseDocument(isTooLarge ? "" : text, {
      lineCounter: this.#lines,
      merge: true,
      prettyErrors: false,
      uniqueKeys: true,
    });
    const { errors } = this.#document;
    for (const error of errors) mistakes.push(this.#syntaxMistake(error));
    this.isUsable = !isTooLarge && errors.every((error) => error.code === "DUPLICATE_KEY");
    let value: unknown;
    try {
      value = this.isUsable ? this.#document.toJS() : undefined;
    } catch (error) {
      // Aliases that multiply past the parser's bound, or that name no anchor.
      const found = error instanceof Error ? error.message : String(error);
      mistakes.push({ file, line: 1, column: 1, path: "", found, expected: "aliases that can be resolved" });
      this.isUsable = false;
    }
    this.value = value;
    this.mistakes = mistakes;
  }

  /** Where the value at a path stands; of the nearest part above it where the path leads to nothing. */
  positionOf(path: Path): Position {
    return this.#position(this.#nodeAt(path));
  }

  /** Where the last key of a path stands, for mistakes about the key itself. */
  positionOfKey(path: Path): Position {
    const map = this.#nodeAt(path.slice(0, -1));
    const pair = isMap(map) ? this.#pairOf(map, String(path.at(-1))) : undefined;
    return this.#position(pair?.key ?? map);
  }

  /**
   * The text of a plain scalar as written (`1e3`, `yes`, `0x10`), or undefined where there is none at the
   * path.
   */
  plainTextAt(path: Path): string | undefined {
    const node = this.#nodeAt(path, { exact: true });
    return isScalar(node) && node.type === "PLAIN" ? node.source : undefined;
  }

  #nodeAt(path: Path, options: { exact?: boolean } = {}): unknown {
    let node: unknown = this.#document.contents;
    for (const segment of path) {
      const container = this.#resolve(node);
      let child: unknown;
      if (isMap(container)) child = this.#pairOf(container, String(segment))?.value;
      else if (isSeq(container)) child = container.items[Number(segment)];
      if (child === undefined || child === null) return options.exact === true ? undefined : node;
      node = child;
    }
    return options.exact === true ? this.#resolve(node) : node;
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  /** The pair under a key, or where merge keys (`<<`) bring it in. */
  #pairOf(map: YAMLMap, key: string): Pair | undefined {
    const own = map.items.find((pair) => keyText(pair) === key);
    if (own !== undefined) return own;
    for (const pair of map.items) {
      if (keyText(pair) !== "<<") continue;
      const merged = this.#resolve(pair.value);
      for (const source of isSeq(merged) ? merged.items : [merged]) {
        const target = this.#resolve(source);
        const found = isMap(target) ? this.#pairOf(target, key) : undefined;
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  #position(node: unknown): Position {
    const offset = (node as { range?: readonly number[] | null } | null | undefined)?.range?.[0] ?? 0;
    return this.#positionAt(offset);
  }

  #positionAt(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  #syntaxMistake(error: YAMLError): Mistake {
    const isDuplicate = error.code === "DUPLICATE_KEY";
    return {
      file: this.file,
      ...this.#positionAt(error.pos[0]),
      path: "",
      found: isDuplicate ? "a key that stands twice in its mapping" : `bad YAML: ${error.message}`,
      expected: isDuplicate ? "each key once" : "well-formed YAML",
    };
  }
}

function keyText(pair: unknown): string | undefined {
  if (!isPair(pair)) return undefined;
  const { key } = pair;
  if (!isScalar(key)) return undefined;
  // A merge key's value is a symbol; its source is what was written.
  return typeof key.value === "symbol" ? key.source : String(key.value);
}

/** `scrape_configs[0].labels["a.b"]`. */
export function formatPath(path: Path): string {
  let text = "";
  for (const segment of path) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (/^[\w-]+$/.test(String(segment))) text += text === "" ? String(segment) : `.${String(segment)}`;
    else text += `[${JSON.stringify(String(segment))}]`;
  }
  return text;
}
