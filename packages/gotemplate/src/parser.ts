/** Parses a template's blocks: what stands between actions, and which action ends which. */
import type { Node, Pipe } from "./ast.ts";
import { tokenize, type Token } from "./lexer.ts";
import { NESTING_DEPTH_MAX, TEMPLATE_LENGTH_MAX } from "./limits.ts";
import { unquote } from "./literals.ts";
import { PipelineParser } from "./parse-pipeline.ts";
import type { Source } from "./source.ts";
import { TokenStream } from "./token-stream.ts";
import type { FunctionTable } from "./values.ts";

export interface ParsedTemplate {
  readonly body: readonly Node[];
  /** What `define` and `block` named. */
  readonly definitions: ReadonlyMap<string, readonly Node[]>;
}

/** Throws BAD_TEMPLATE with line and column. */
export function parseTemplate(source: Source, functions: FunctionTable): ParsedTemplate {
  if (source.text.length > TEMPLATE_LENGTH_MAX) {
    throw source.error(
      0,
      `a template of ${source.text.length} characters is over the limit of ${TEMPLATE_LENGTH_MAX}`,
    );
  }
  const parser = new Parser(new TokenStream(source, tokenize(source)), functions);
  return { body: parser.top(), definitions: parser.definitions };
}

/** What ended a list of nodes: `end`, or an `else` whose rest is still to be read. */
interface List {
  readonly nodes: readonly Node[];
  readonly endedBy: "end" | "else";
  /** Where that stands. */
  readonly endedAt: number;
}

class Parser {
  readonly definitions = new Map<string, readonly Node[]>();
  readonly #tokens: TokenStream;
  readonly #functions: FunctionTable;
  #pipelines: PipelineParser;
  #rangeDepth = 0;
  #depth = 0;

  constructor(tokens: TokenStream, functions: FunctionTable) {
    this.#tokens = tokens;
    this.#functions = functions;
    this.#pipelines = new PipelineParser(tokens, functions);
  }

  top(): readonly Node[] {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#tokens.next();
      if (token.kind === "end") return nodes;
      if (token.kind === "text") nodes.push(textNode(token));
      else if (this.#peeksKeyword("define")) this.#define();
      else {
        const node = this.#action();
        if (typeof node === "string") throw this.#tokens.error(token.at, `unexpected {{${node}}}`);
        nodes.push(node);
      }
    }
  }

  #peeksKeyword(word: string): boolean {
    const token = this.#tokens.peekNonSpace();
    return token.kind === "keyword" && token.text === word;
  }

  #define(): void {
    const { at } = this.#tokens.nextNonSpace();
    const name = this.#name("define clause");
    this.#tokens.expect("close", "define clause");
    this.#addDefinition(name, this.#separate("define clause"), at);
  }

  /** A body with variables and ranges of its own, up to its `end`. */
  #separate(context: string): readonly Node[] {
    const outer = { pipelines: this.#pipelines, rangeDepth: this.#rangeDepth };
    this.#pipelines = new PipelineParser(this.#tokens, this.#functions);
    this.#rangeDepth = 0;
    const list = this.#list(context);
    if (list.endedBy === "else") {
      throw this.#tokens.error(list.endedAt, `unexpected {{else}} in ${context}`);
    }
    this.#pipelines = outer.pipelines;
    this.#rangeDepth = outer.rangeDepth;
    return list.nodes;
  }

  #addDefinition(name: string, nodes: readonly Node[], at: number): void {
    const existing = this.definitions.get(name);
    if (existing !== undefined && !isEmpty(existing) && !isEmpty(nodes)) {
      throw this.#tokens.error(at, `multiple definition of template ${JSON.stringify(name)}`);
    }
    if (existing === undefined || isEmpty(existing)) this.definitions.set(name, nodes);
  }

  #name(context: string): string {
    const token = this.#tokens.nextNonSpace();
    if (token.kind === "rawString") return token.text.slice(1, -1);
    const name = token.kind === "string" ? unquote(token.text) : undefined;
    if (name === undefined) throw this.#tokens.unexpected(token, context);
    return name;
  }

  #list(context: string): List {
    if (++this.#depth > NESTING_DEPTH_MAX) {
      throw this.#tokens.error(
        this.#tokens.peek().at,
        `blocks nest deeper than ${NESTING_DEPTH_MAX} (NESTING_DEPTH_MAX)`,
      );
    }
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#tokens.next();
      if (token.kind === "end") throw this.#tokens.unexpected(token, context);
      if (token.kind === "text") {
        nodes.push(textNode(token));
        continue;
      }
      const endedAt = this.#tokens.peekNonSpace().at;
      const node = this.#action();
      if (typeof node === "string") {
        this.#depth--;
        return { nodes, endedBy: node, endedAt };
      }
      nodes.push(node);
    }
  }

  /** A list with variables of its own, which an `else` after it does not see. */
  #body(context: string): List {
    const scope = this.#pipelines.enterScope();
    const list = this.#list(context);
    this.#pipelines.leaveScope(scope);
    return list;
  }

  /** What stands after `{{`: a node, or the `end` or `else` that belongs to whoever reads the list. */
  #action(): Node | "end" | "else" {
    const token = this.#tokens.peekNonSpace();
    if (token.kind !== "keyword") {
      const pipe = this.#pipelines.parse("command", "close");
      return { kind: "action", at: token.at, pipe };
    }
    this.#tokens.next();
    switch (token.text) {
      case "if":
      case "with":
        return this.#branch(token.text, token.at);
      case "range":
        return this.#range(token.at);
      case "template":
        return this.#template(token.at);
      case "block":
        return this.#block(token.at);
      case "break":
      case "continue":
        return this.#jump(token.text, token.at);
      case "end":
        this.#tokens.expect("close", "end");
        return "end";
      case "else":
        return "else";
      default:
        throw this.#tokens.unexpected(token, "command");
    }
  }

  #branch(kind: "if" | "with", at: number): Node {
    const scope = this.#pipelines.enterScope();
    const pipe = this.#pipelines.parse(kind, "close");
    const list = this.#body(kind);
    const otherwise = list.endedBy === "else" ? this.#otherwise(kind) : [];
    this.#pipelines.leaveScope(scope);
    return { kind, at, pipe, body: list.nodes, otherwise };
  }

  /** After an `else`: `else if` and `else with` are a branch of their own that shares the one `end`. */
  #otherwise(context: "if" | "with" | "range"): readonly Node[] {
    const token = this.#tokens.peekNonSpace();
    if (context !== "range" && token.kind === "keyword" && token.text === context) {
      this.#tokens.next();
      this.#depth++;
      const node = this.#branch(context, token.at);
      this.#depth--;
      return [node];
    }
    this.#tokens.expect("close", "else");
    const list = this.#list(context);
    if (list.endedBy === "else") throw this.#tokens.error(list.endedAt, "expected end; found {{else}}");
    return list.nodes;
  }

  #range(at: number): Node {
    const scope = this.#pipelines.enterScope();
    const pipe: Pipe = this.#pipelines.parse("range", "close");
    this.#rangeDepth++;
    const list = this.#body("range");
    this.#rangeDepth--;
    const otherwise = list.endedBy === "else" ? this.#otherwise("range") : [];
    this.#pipelines.leaveScope(scope);
    return { kind: "range", at, pipe, body: list.nodes, otherwise };
  }

  #template(at: number): Node {
    const name = this.#name("template clause");
    return { kind: "template", at, name, pipe: this.#optionalPipe("template clause") };
  }

  #optionalPipe(context: string): Pipe | undefined {
    if (this.#tokens.peekNonSpace().kind !== "close") return this.#pipelines.parse(context, "close");
    this.#tokens.next();
    return undefined;
  }

  #block(at: number): Node {
    const name = this.#name("block clause");
    const pipe = this.#pipelines.parse("block clause", "close");
    this.#addDefinition(name, this.#separate("block clause"), at);
    return { kind: "template", at, name, pipe };
  }

  #jump(kind: "break" | "continue", at: number): Node {
    this.#tokens.expect("close", kind);
    if (this.#rangeDepth === 0) throw this.#tokens.error(at, `{{${kind}}} outside {{range}}`);
    return { kind, at };
  }
}

function textNode(token: Token): Node {
  return { kind: "text", at: token.at, text: token.text };
}

/** Nothing but spaces: a later definition may replace it. */
function isEmpty(nodes: readonly Node[]): boolean {
  return nodes.every((node) => node.kind === "text" && node.text.trim() === "");
}
