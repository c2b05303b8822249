/** A parsed template, ready to be executed any number of times. */
import { BinnacleError } from "@binnacle/model";
import type { Node } from "./ast.ts";
import { Execution, type MissingKey } from "./execution.ts";
import { BUILTINS } from "./functions/builtins.ts";
import { OUTPUT_BYTES_MAX, STEPS_MAX, SUSPENSIONS_MAX } from "./limits.ts";
import { parseTemplate } from "./parser.ts";
import { Source } from "./source.ts";
import { Suspension } from "./suspension.ts";
import type { FunctionTable, Value } from "./values.ts";

export interface TemplateOptions {
  /** Stands in errors before line and column. Default "template". */
  readonly name?: string;
  /**
   * Stands before the text on one line, for `{{$x := .X}}` that all templates of a kind share. Places do not
   * count it.
   */
  readonly prelude?: string;
  /** Beside Go's builtins. */
  readonly functions?: FunctionTable;
  /**
   * What a key gives that a map does not have: `nil`, which prints `<no value>`; `empty`, the empty text, as
   * Go's maps of texts give; `error`. Default `nil`.
   */
  readonly missingKey?: MissingKey;
  /** Bytes one execution may write, and one text may hold. Default OUTPUT_BYTES_MAX. */
  readonly maxOutputBytes?: number;
  /** Nodes and operands one execution may evaluate. Default STEPS_MAX. */
  readonly maxSteps?: number;
}

export interface ExecuteOptions {
  /**
   * Replace functions of the same names for this execution: for those that depend on the moment or on the
   * data.
   */
  readonly functions?: FunctionTable;
}

export class Template {
  readonly #source: Source;
  readonly #body: readonly Node[];
  readonly #definitions: ReadonlyMap<string, readonly Node[]>;
  readonly #missingKey: MissingKey;
  readonly #maxOutputBytes: number;
  readonly #maxSteps: number;

  private constructor(source: Source, options: TemplateOptions) {
    const functions = { ...BUILTINS, ...options.functions };
    const parsed = parseTemplate(source, functions);
    this.#source = source;
    this.#body = parsed.body;
    this.#definitions = parsed.definitions;
    this.#missingKey = options.missingKey ?? "nil";
    this.#maxOutputBytes = options.maxOutputBytes ?? OUTPUT_BYTES_MAX;
    this.#maxSteps = options.maxSteps ?? STEPS_MAX;
  }

  /** Throws BAD_TEMPLATE with line and column. */
  static parse(text: string, options: TemplateOptions = {}): Template {
    return new Template(new Source(options.name ?? "template", text, options.prelude), options);
  }

  /**
   * What the template writes for `data`, which is its dot and its `$`. Throws BAD_TEMPLATE with line and
   * column, and LIMIT_EXCEEDED that names maxOutputBytes or maxSteps.
   */
  execute(data: Value, options: ExecuteOptions = {}): string {
    const execution = new Execution({
      source: this.#source,
      definitions: this.#definitions,
      functions: options.functions,
      missingKey: this.#missingKey,
      maxOutputBytes: this.#maxOutputBytes,
      maxSteps: this.#maxSteps,
    });
    return execution.run(this.#body, data);
  }

  /** As `execute`, where functions may wait (see suspension.ts). */
  async executeAsync(data: Value, options: ExecuteOptions = {}): Promise<string> {
    for (let i = 0; i <= SUSPENSIONS_MAX; i++) {
      try {
        return this.execute(data, options);
      } catch (error) {
        if (!(error instanceof Suspension)) throw error;
        await error.settled;
      }
    }
    throw new BinnacleError(
      "LIMIT_EXCEEDED",
      `template ${this.#source.name} waits for more than ${SUSPENSIONS_MAX} answers (SUSPENSIONS_MAX)`,
    );
  }
}
