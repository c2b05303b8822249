/** One execution of a template: walks the tree, keeps variables and output, counts what it does. */
import { BinnacleError, compareText, unreachable } from "@binnacle/model";
import type { BranchNode, Command, Node, Operand, Pipe, RangeNode, TemplateNode } from "./ast.ts";
import { callFunction, paramType } from "./call.ts";
import { formatValue } from "./format.ts";
import { AND, OR } from "./functions/builtins.ts";
import { CALL_DEPTH_MAX } from "./limits.ts";
import type { Source } from "./source.ts";
import {
  GoFunction,
  isList,
  isMap,
  isRecord,
  isTrue,
  typeName,
  type CallContext,
  type FunctionTable,
  type ParamType,
  type Value,
} from "./values.ts";

export type MissingKey = "nil" | "empty" | "error";

export interface ExecutionOptions {
  readonly source: Source;
  readonly definitions: ReadonlyMap<string, readonly Node[]>;
  readonly functions: FunctionTable | undefined;
  readonly missingKey: MissingKey;
  readonly maxOutputBytes: number;
  readonly maxSteps: number;
}

interface Variable {
  readonly name: string;
  value: Value;
}

/** What stopped a list of nodes before its end. */
type Jump = "break" | "continue" | undefined;

/** The value a command before this one in the pipeline gave; absent at the first. */
type Final = { readonly value: Value } | undefined;

export class Execution implements CallContext {
  readonly #options: ExecutionOptions;
  #variables: Variable[] = [];
  #output = "";
  #outputBytes = 0;
  #steps = 0;
  #depth = 0;

  constructor(options: ExecutionOptions) {
    this.#options = options;
  }

  run(body: readonly Node[], data: Value): string {
    this.#variables = [{ name: "$", value: data }];
    this.#walkAll(body, data);
    return this.#output;
  }

  get missingValue(): Value {
    return this.#options.missingKey === "empty" ? "" : undefined;
  }

  executeTemplate(name: string, dot: Value): string {
    const before = this.#output;
    this.#output = "";
    this.#call(name, dot, 0);
    const written = this.#output;
    this.#output = before;
    return written;
  }

  #fail(at: number, message: string): never {
    throw this.#options.source.error(at, message);
  }

  #step(at: number): void {
    if (++this.#steps <= this.#options.maxSteps) return;
    const message = `execution takes more than ${this.#options.maxSteps} steps (maxSteps)`;
    throw this.#options.source.error(at, message, "LIMIT_EXCEEDED");
  }

  #write(text: string, at: number): void {
    this.#outputBytes += Buffer.byteLength(text, "utf8");
    this.#checkBytes(this.#outputBytes, "output", at);
    this.#output += text;
  }

  #checkBytes(bytes: number, what: string, at: number): void {
    if (bytes <= this.#options.maxOutputBytes) return;
    const message = `${what} is larger than ${this.#options.maxOutputBytes} bytes (maxOutputBytes)`;
    throw this.#options.source.error(at, message, "LIMIT_EXCEEDED");
  }

  #walkAll(nodes: readonly Node[], dot: Value): Jump {
    for (const node of nodes) {
      const jump = this.#walk(node, dot);
      if (jump !== undefined) return jump;
    }
    return undefined;
  }

  #walk(node: Node, dot: Value): Jump {
    this.#step(node.at);
    switch (node.kind) {
      case "text":
        this.#write(node.text, node.at);
        return undefined;
      case "action": {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.variables.length > 0) return undefined;
        this.#write(value === undefined ? "<no value>" : formatValue(value), node.at);
        return undefined;
      }
      case "if":
      case "with":
        return this.#branch(node, dot);
      case "range":
        return this.#range(node, dot);
      case "template":
        this.#call(node.name, this.#templateData(node, dot), node.at);
        return undefined;
      case "break":
      case "continue":
        return node.kind;
      default:
        return unreachable(node);
    }
  }

  #templateData(node: TemplateNode, dot: Value): Value {
    return node.pipe === undefined ? undefined : this.#pipe(node.pipe, dot);
  }

  #branch(node: BranchNode, dot: Value): Jump {
    const mark = this.#variables.length;
    const value = this.#pipe(node.pipe, dot);
    const inner = node.kind === "with" ? value : dot;
    const jump = isTrue(value) ? this.#walkAll(node.body, inner) : this.#walkAll(node.otherwise, dot);
    this.#variables.length = mark;
    return jump;
  }

  #range(node: RangeNode, dot: Value): Jump {
    const mark = this.#variables.length;
    const value = this.#pipe(node.pipe, dot);
    const inner = this.#variables.length;
    let empty = true;
    for (const [key, element] of this.#elements(value, node)) {
      empty = false;
      this.#step(node.at);
      this.#setRangeVariables(node.pipe, key, element);
      const jump = this.#walkAll(node.body, element);
      this.#variables.length = inner;
      if (jump === "break") break;
    }
    const jump = empty ? this.#walkAll(node.otherwise, dot) : undefined;
    this.#variables.length = mark;
    return jump;
  }

  *#elements(value: Value, node: RangeNode): Iterable<readonly [Value, Value]> {
    if (value === undefined) return;
    if (isList(value)) {
      for (const [i, element] of value.entries()) yield [BigInt(i), element];
    } else if (isMap(value)) {
      for (const key of [...value.keys()].sort(compareText)) yield [key, value.get(key)];
    } else if (typeof value === "bigint") {
      for (let i = 0n; i < value; i++) yield [i, i];
    } else {
      this.#fail(node.pipe.at, `range can't iterate over ${formatValue(value)}`);
    }
  }

  #setRangeVariables(pipe: Pipe, key: Value, element: Value): void {
    const [first, second] = pipe.variables;
    if (first === undefined) return;
    // The pipeline has declared or set them already: here they only take their values.
    this.#assign(second ?? first, element);
    if (second !== undefined) this.#assign(first, key);
  }

  #assign(name: string, value: Value): void {
    this.#variable(name).value = value;
  }

  #variable(name: string): Variable {
    const variable = this.#variables.findLast((candidate) => candidate.name === name);
    if (variable === undefined) throw new Error(`BUG: the parser let ${name} pass undefined`);
    return variable;
  }

  #call(name: string, dot: Value, at: number): void {
    const body = this.#options.definitions.get(name);
    if (body === undefined) this.#fail(at, `template ${JSON.stringify(name)} not defined`);
    if (++this.#depth > CALL_DEPTH_MAX) {
      this.#fail(at, `templates call each other deeper than ${CALL_DEPTH_MAX} (CALL_DEPTH_MAX)`);
    }
    const outer = this.#variables;
    this.#variables = [{ name: "$", value: dot }];
    this.#walkAll(body, dot);
    this.#variables = outer;
    this.#depth--;
  }

  #pipe(pipe: Pipe, dot: Value): Value {
    let final: Final;
    for (const command of pipe.commands) final = { value: this.#command(command, dot, final) };
    const value = final?.value;
    for (const name of pipe.variables) {
      if (pipe.isAssignment) this.#assign(name, value);
      else this.#variables.push({ name, value });
    }
    return value;
  }

  #command(command: Command, dot: Value, final: Final): Value {
    const [first, ...args] = command.operands;
    this.#step(first.at);
    switch (first.kind) {
      case "function":
        return this.#function(first, args, dot, final);
      case "field":
        return this.#fields(dot, first.names, first.at, { args, dot, final });
      case "variable": {
        const { value } = this.#variable(first.name);
        if (first.names.length > 0) return this.#fields(value, first.names, first.at, { args, dot, final });
        this.#refuseArguments(first, args, final);
        return value;
      }
      case "chain": {
        const value = this.#operand(first.operand, dot);
        return this.#fields(value, first.names, first.at, { args, dot, final });
      }
      case "nil":
        return this.#fail(first.at, "nil is not a command");
      default:
        this.#refuseArguments(first, args, final);
        return this.#operand(first, dot);
    }
  }

  #refuseArguments(first: Operand, args: readonly Operand[], final: Final): void {
    if (args.length === 0 && final === undefined) return;
    this.#fail(first.at, "can't give argument to non-function");
  }

  /** An operand as an argument of type `type`: a number written in the template takes that type. */
  #operand(operand: Operand, dot: Value, type: ParamType = "any"): Value {
    this.#step(operand.at);
    switch (operand.kind) {
      case "dot":
        return dot;
      case "nil":
        return undefined;
      case "bool":
      case "string":
        return operand.value;
      case "number":
        return this.#number(operand.value, type, operand.at);
      case "function":
        return this.#function(operand, [], dot, undefined);
      case "field":
        return this.#fields(dot, operand.names, operand.at, undefined);
      case "variable":
        return this.#fields(this.#variable(operand.name).value, operand.names, operand.at, undefined);
      case "chain":
        return this.#fields(this.#operand(operand.operand, dot), operand.names, operand.at, undefined);
      case "pipe": {
        const mark = this.#variables.length;
        const value = this.#pipe(operand.pipe, dot);
        this.#variables.length = mark;
        return value;
      }
      default:
        return unreachable(operand);
    }
  }

  #number(value: bigint | number, type: ParamType, at: number): Value {
    if (type === "float") return Number(value);
    if (type !== "int" || typeof value === "bigint") return value;
    if (!Number.isSafeInteger(value)) this.#fail(at, `expected integer; found ${value}`);
    return BigInt(value);
  }

  #function(
    operand: Operand & { kind: "function" },
    args: readonly Operand[],
    dot: Value,
    final: Final,
  ): Value {
    const { name, at } = operand;
    const { functions } = this.#options;
    const replaced = functions !== undefined && Object.hasOwn(functions, name);
    const fn = replaced ? functions[name]! : operand.fn;
    if (fn === AND || fn === OR) return this.#lazily(fn, args, dot, final, at);
    return this.#invoke(name, fn, at, { args, dot, final });
  }

  /** The first argument that decides, the rest unevaluated. */
  #lazily(fn: GoFunction, args: readonly Operand[], dot: Value, final: Final, at: number): Value {
    let value: Value;
    for (const arg of args) {
      value = this.#operand(arg, dot);
      if (isTrue(value) === (fn === OR)) return value;
    }
    if (final !== undefined) return final.value;
    if (args.length === 0) this.#fail(at, "wrong number of args for and, or: want at least 1 got 0");
    return value;
  }

  #invoke(name: string, fn: GoFunction, at: number, call: Call): Value {
    const values = call.args.map((arg, i) => this.#operand(arg, call.dot, paramType(fn, i)));
    if (call.final !== undefined) values.push(call.final.value);
    let value: Value;
    try {
      value = callFunction(name, fn, values, this);
    } catch (error) {
      // Only complaints that have no place yet get one: those of a template called inside have theirs.
      if (!(error instanceof BinnacleError) || error.position !== undefined) throw error;
      throw this.#options.source.error(at, `error calling ${name}: ${error.message}`, error.code);
    }
    if (typeof value === "string" && value.length > this.#options.maxOutputBytes / 3) {
      this.#checkBytes(Buffer.byteLength(value, "utf8"), `what ${name} gives`, at);
    }
    return value;
  }

  /** Field after field; the last may be a method and take arguments. */
  #fields(receiver: Value, names: readonly string[], at: number, call: Call | undefined): Value {
    let value = receiver;
    names.forEach((name, i) => {
      value = this.#field(value, name, at, i === names.length - 1 ? call : undefined);
    });
    return value;
  }

  #field(receiver: Value, name: string, at: number, call: Call | undefined): Value {
    if (isRecord(receiver)) {
      const value = receiver[name];
      if (value instanceof GoFunction) return this.#invoke(name, value, at, call ?? NO_ARGUMENTS);
      if (!(name in receiver)) this.#fail(at, `can't evaluate field ${name} in type struct`);
      this.#refuseFieldArguments(name, at, call);
      return value;
    }
    this.#refuseFieldArguments(name, at, call);
    if (receiver === undefined) {
      if (this.#options.missingKey === "error") this.#fail(at, `nil data; no entry for key "${name}"`);
      return undefined;
    }
    if (!isMap(receiver)) this.#fail(at, `can't evaluate field ${name} in type ${typeName(receiver)}`);
    if (receiver.has(name)) return receiver.get(name);
    if (this.#options.missingKey === "error") this.#fail(at, `map has no entry for key "${name}"`);
    return this.missingValue;
  }

  #refuseFieldArguments(name: string, at: number, call: Call | undefined): void {
    if (call === undefined || (call.args.length === 0 && call.final === undefined)) return;
    this.#fail(at, `${name} is not a method but has arguments`);
  }
}

/** What a function is given: operands still to be evaluated, and the value piped in. */
interface Call {
  readonly args: readonly Operand[];
  readonly dot: Value;
  readonly final: Final;
}

const NO_ARGUMENTS: Call = { args: [], dot: undefined, final: undefined };
