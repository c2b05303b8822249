/**
 * The syntax tree of a template. `at` is an offset into the text, from which errors compute line and column.
 */
import type { GoFunction } from "./values.ts";

export type Node =
  | TextNode
  | ActionNode
  | BranchNode
  | RangeNode
  | TemplateNode
  | { readonly kind: "break" | "continue"; readonly at: number };

export interface TextNode {
  readonly kind: "text";
  readonly at: number;
  readonly text: string;
}

/** `{{pipeline}}` */
export interface ActionNode {
  readonly kind: "action";
  readonly at: number;
  readonly pipe: Pipe;
}

/** `{{if}}` and `{{with}}`. An `else if` is a branch alone in `otherwise`. */
export interface BranchNode {
  readonly kind: "if" | "with";
  readonly at: number;
  readonly pipe: Pipe;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

export interface RangeNode {
  readonly kind: "range";
  readonly at: number;
  readonly pipe: Pipe;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

/** `{{template "name" pipeline}}`; a `block` becomes one, beside its definition. */
export interface TemplateNode {
  readonly kind: "template";
  readonly at: number;
  readonly name: string;
  readonly pipe: Pipe | undefined;
}

/** `$a, $b := command | command` */
export interface Pipe {
  readonly at: number;
  /** Variables on the left, with their `$`: at most one, but two for a range. */
  readonly variables: readonly string[];
  /** `=` sets variables that exist, `:=` makes new ones. */
  readonly isAssignment: boolean;
  readonly commands: readonly Command[];
}

export interface Command {
  readonly at: number;
  /** What is called or stands alone, then its arguments. */
  readonly operands: readonly [Operand, ...Operand[]];
}

export type Operand =
  | { readonly kind: "dot" | "nil"; readonly at: number }
  | { readonly kind: "bool"; readonly at: number; readonly value: boolean }
  | { readonly kind: "string"; readonly at: number; readonly value: string }
  | NumberOperand
  | FunctionOperand
  | FieldOperand
  | VariableOperand
  | ChainOperand
  | PipeOperand;

/** A literal: like Go's untyped constants it takes the type of the parameter it is given to. */
export interface NumberOperand {
  readonly kind: "number";
  readonly at: number;
  readonly text: string;
  /** What it is where nothing asks for a type. */
  readonly value: bigint | number;
}

export interface FunctionOperand {
  readonly kind: "function";
  readonly at: number;
  readonly name: string;
  readonly fn: GoFunction;
}

/** `.A.B` of dot. */
export interface FieldOperand {
  readonly kind: "field";
  readonly at: number;
  readonly names: readonly string[];
}

/** `$x.A.B` */
export interface VariableOperand {
  readonly kind: "variable";
  readonly at: number;
  readonly name: string;
  readonly names: readonly string[];
}

/** `(pipeline).A.B` */
export interface ChainOperand {
  readonly kind: "chain";
  readonly at: number;
  readonly operand: Operand;
  readonly names: readonly string[];
}

/** `(pipeline)` */
export interface PipeOperand {
  readonly kind: "pipe";
  readonly at: number;
  readonly pipe: Pipe;
}
