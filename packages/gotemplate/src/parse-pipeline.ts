/** Parses what stands inside an action: pipelines, commands and operands. */
import type { Command, Operand, Pipe } from "./ast.ts";
import type { Token, TokenKind } from "./lexer.ts";
import { NESTING_DEPTH_MAX } from "./limits.ts";
import { parseNumber, unquote, unquoteChar } from "./literals.ts";
import type { TokenStream } from "./token-stream.ts";
import type { FunctionTable } from "./values.ts";

export class PipelineParser {
  readonly #tokens: TokenStream;
  readonly #functions: FunctionTable;
  /** Variables in scope, innermost last. */
  readonly #variables: string[] = ["$"];
  #depth = 0;

  constructor(tokens: TokenStream, functions: FunctionTable) {
    this.#tokens = tokens;
    this.#functions = functions;
  }

  /** How many variables are in scope: given back to `leaveScope` at the end of a block. */
  enterScope(): number {
    return this.#variables.length;
  }

  leaveScope(mark: number): void {
    this.#variables.length = mark;
  }

  /** Parses a pipeline and the token that ends it. Only a range may declare two variables. */
  parse(context: string, end: TokenKind): Pipe {
    if (++this.#depth > NESTING_DEPTH_MAX) {
      throw this.#tokens.error(
        this.#tokens.peek().at,
        `parentheses nest deeper than ${NESTING_DEPTH_MAX} (NESTING_DEPTH_MAX)`,
      );
    }
    const { at } = this.#tokens.peekNonSpace();
    const { variables, isAssignment } = this.#declarations(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#tokens.peekNonSpace();
      if (token.kind === end) {
        this.#tokens.next();
        this.#check(commands, token, context);
        this.#depth--;
        return { at, variables, isAssignment, commands };
      }
      commands.push(this.#command(context, end));
    }
  }

  #check(commands: readonly Command[], end: Token, context: string): void {
    if (commands.length === 0) throw this.#tokens.error(end.at, `missing value for ${context}`);
    commands.forEach((command, i) => {
      const [first] = command.operands;
      const isConstant =
        first.kind === "bool" ||
        first.kind === "dot" ||
        first.kind === "nil" ||
        first.kind === "number" ||
        first.kind === "string";
      if (i > 0 && isConstant) {
        throw this.#tokens.error(first.at, `non executable command in pipeline stage ${i + 1}`);
      }
    });
  }

  /** `$x :=`, `$x =`, and for a range `$i, $x :=`. */
  #declarations(context: string): { variables: readonly string[]; isAssignment: boolean } {
    const tokens = this.#tokens;
    const none = { variables: [], isAssignment: false };
    if (tokens.peekNonSpace().kind !== "variable") return none;
    const after = tokens.lookAhead(1);
    const names = [tokens.peek().text];
    let operator = after;
    if (after.kind === "comma") {
      if (context !== "range") throw tokens.error(after.at, `too many declarations in ${context}`);
      const second = tokens.lookAhead(2);
      operator = tokens.lookAhead(3);
      if (second.kind !== "variable") throw tokens.unexpected(second, context);
      names.push(second.text);
      if (operator.kind === "comma") throw tokens.error(operator.at, `too many declarations in ${context}`);
      if (operator.kind !== "declare" && operator.kind !== "assign") {
        throw tokens.unexpected(operator, context);
      }
    } else if (after.kind !== "declare" && after.kind !== "assign") {
      return none;
    }
    const isAssignment = operator.kind === "assign";
    if (isAssignment) for (const name of names) this.#checkVariable(name, tokens.peek().at);
    else this.#variables.push(...names);
    while (tokens.nextNonSpace() !== operator);
    return { variables: names, isAssignment };
  }

  #checkVariable(name: string, at: number): void {
    if (!this.#variables.includes(name)) throw this.#tokens.error(at, `undefined variable ${name}`);
  }

  #command(context: string, end: TokenKind): Command {
    const tokens = this.#tokens;
    const { at } = tokens.peekNonSpace();
    const operands: Operand[] = [];
    for (;;) {
      tokens.skipSpaces();
      const operand = this.#operand(context);
      if (operand !== undefined) operands.push(operand);
      const token = tokens.peek();
      if (token.kind === "space" && operand !== undefined) continue;
      const [first, ...rest] = operands;
      const ends = token.kind === end || token.kind === "pipe";
      if (!ends) throw tokens.unexpected(token, operand === undefined ? context : "operand");
      if (first === undefined) {
        throw tokens.error(
          token.at,
          token.kind === "pipe" ? `missing value for ${context}` : "empty command",
        );
      }
      if (token.kind === "pipe") {
        tokens.next();
        if (tokens.peekNonSpace().kind === end) {
          throw tokens.error(tokens.peek().at, `missing value after | in ${context}`);
        }
      }
      return { at, operands: [first, ...rest] };
    }
  }

  /** A term and the fields that follow it without a space; undefined where no term begins. */
  #operand(context: string): Operand | undefined {
    const tokens = this.#tokens;
    const term = this.#term(context);
    if (term === undefined) return undefined;
    if (tokens.peek().kind !== "field") return term;
    const names: string[] = [];
    while (tokens.peek().kind === "field") names.push(tokens.next().text.slice(1));
    switch (term.kind) {
      case "field":
        return { ...term, names: [...term.names, ...names] };
      case "variable":
        return { ...term, names };
      case "bool":
      case "string":
      case "number":
      case "nil":
      case "dot":
        throw tokens.error(term.at, "unexpected . after a constant");
      default:
        return { kind: "chain", at: term.at, operand: term, names };
    }
  }

  #term(context: string): Operand | undefined {
    const tokens = this.#tokens;
    const { kind, text, at } = tokens.peek();
    switch (kind) {
      case "identifier": {
        const fn = Object.hasOwn(this.#functions, text) ? this.#functions[text] : undefined;
        if (fn === undefined) throw tokens.error(at, `function ${JSON.stringify(text)} not defined`);
        tokens.next();
        return { kind: "function", at, name: text, fn };
      }
      case "variable":
        this.#checkVariable(text, at);
        tokens.next();
        return { kind: "variable", at, name: text, names: [] };
      case "field":
        tokens.next();
        return { kind: "field", at, names: [text.slice(1)] };
      case "leftParen":
        tokens.next();
        return { kind: "pipe", at, pipe: this.parse("parenthesized pipeline", "rightParen") };
      case "dot":
      case "nil":
        tokens.next();
        return { kind, at };
      case "bool":
        tokens.next();
        return { kind, at, value: text === "true" };
      case "number":
      case "char":
      case "string":
      case "rawString":
        tokens.next();
        return this.#literal(kind, text, at);
      case "declare":
      case "assign":
      case "keyword":
        throw tokens.unexpected(tokens.peek(), context);
      default:
        return undefined;
    }
  }

  #literal(kind: "number" | "char" | "string" | "rawString", text: string, at: number): Operand {
    if (kind === "rawString") {
      return { kind: "string", at, value: text.slice(1, -1).replaceAll("\r", "") };
    }
    if (kind === "string") {
      const value = unquote(text);
      if (value === undefined) throw this.#tokens.error(at, `invalid string ${text}`);
      return { kind, at, value };
    }
    const value = kind === "char" ? unquoteChar(text) : parseNumber(text);
    if (value === undefined) {
      const what = kind === "char" ? "malformed character constant" : "bad number syntax";
      throw this.#tokens.error(at, `${what}: ${text}`);
    }
    return { kind: "number", at, text, value };
  }
}
