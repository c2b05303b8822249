/** LogQL's grammar: builds the tree as it goes. What the grammar cannot say is checked by validate.ts. */
import type { IOrAlt, IToken } from "chevrotain";
import type { Matcher } from "@binnacle/model";
import { QUERY_DEPTH_MAX } from "../limits.ts";
import type {
  BinaryOp,
  Grouping,
  LogExpr,
  MetricExpr,
  PipelineExpr,
  RangeAggregationExpr,
  RangeOp,
  Stage,
  VectorMatching,
  VectorOp,
} from "./ast.ts";
import { StageGrammar } from "./grammar-stages.ts";
import { parseError, parseErrorAt, positionOf } from "./parse-error.ts";
import * as t from "./tokens.ts";

/** A pipeline with the range that stands after or within it. */
interface RangedPipeline {
  readonly pipeline: PipelineExpr;
  readonly range: { readonly rangeMs: number; readonly offsetMs: number } | undefined;
}

interface Modifiers {
  readonly returnsBool: boolean;
  readonly matching: VectorMatching | undefined;
}

export class LogqlGrammar extends StageGrammar {
  #depth = 0;

  constructor() {
    super();
    this.performSelfAnalysis();
  }

  query = this.RULE("query", (): LogExpr => this.SUBRULE(this.expr));

  expr = this.RULE("expr", (): LogExpr => {
    this.ACTION(() => {
      if (++this.#depth > QUERY_DEPTH_MAX) {
        throw parseError(this.LA(1), `the expression is nested more than ${QUERY_DEPTH_MAX} deep`);
      }
    });
    const expr = this.SUBRULE(this.orExpr);
    this.ACTION(() => this.#depth--);
    return expr;
  });

  override reset(): void {
    super.reset();
    this.#depth = 0;
  }

  orExpr = this.RULE("orExpr", (): LogExpr => {
    let left = this.SUBRULE(this.andExpr);
    this.MANY(() => {
      const op = this.CONSUME(t.Or);
      const modifiers = this.SUBRULE(this.modifiers);
      const right = this.SUBRULE2(this.andExpr);
      left = this.#binary(op, left, right, modifiers);
    });
    return left;
  });

  andExpr = this.RULE("andExpr", (): LogExpr => {
    let left = this.SUBRULE(this.compareExpr);
    this.MANY(() => {
      const op = this.oneOf(t.And, t.Unless);
      const modifiers = this.SUBRULE(this.modifiers);
      const right = this.SUBRULE2(this.compareExpr);
      left = this.#binary(op, left, right, modifiers);
    });
    return left;
  });

  compareExpr = this.RULE("compareExpr", (): LogExpr => {
    let left = this.SUBRULE(this.addExpr);
    this.MANY(() => {
      const op = this.CONSUME(t.BinaryCompareOp);
      const modifiers = this.SUBRULE(this.modifiers);
      const right = this.SUBRULE2(this.addExpr);
      left = this.#binary(op, left, right, modifiers);
    });
    return left;
  });

  addExpr = this.RULE("addExpr", (): LogExpr => {
    let left = this.SUBRULE(this.mulExpr);
    this.MANY(() => {
      const op = this.oneOf(t.Add, t.Sub);
      const modifiers = this.SUBRULE(this.modifiers);
      const right = this.SUBRULE2(this.mulExpr);
      left = this.#binary(op, left, right, modifiers);
    });
    return left;
  });

  mulExpr = this.RULE("mulExpr", (): LogExpr => {
    let left = this.SUBRULE(this.powExpr);
    this.MANY(() => {
      const op = this.oneOf(t.Mul, t.Div, t.Mod);
      const modifiers = this.SUBRULE(this.modifiers);
      const right = this.SUBRULE2(this.powExpr);
      left = this.#binary(op, left, right, modifiers);
    });
    return left;
  });

  /** Right associative. */
  powExpr = this.RULE("powExpr", (): LogExpr => {
    const left = this.SUBRULE(this.primary);
    return (
      this.OPTION(() => {
        const op = this.CONSUME(t.Pow);
        const modifiers = this.SUBRULE(this.modifiers);
        const right = this.SUBRULE(this.powExpr);
        return this.#binary(op, left, right, modifiers);
      }) ?? left
    );
  });

  #binary(op: IToken, left: LogExpr, right: LogExpr, modifiers: Modifiers): LogExpr {
    return this.ACTION(() => ({
      kind: "binary",
      position: positionOf(op),
      op: op.image.toLowerCase() as BinaryOp,
      left: requireMetric(left, `the left side of ${op.image}`),
      right: requireMetric(right, `the right side of ${op.image}`),
      ...modifiers,
    }));
  }

  modifiers = this.RULE("modifiers", (): Modifiers => {
    const bool = this.OPTION(() => this.CONSUME(t.Bool));
    const matching = this.OPTION2((): VectorMatching => {
      const isOn = this.OR([
        { ALT: () => (this.CONSUME(t.On), true) },
        { ALT: () => (this.CONSUME(t.Ignoring), false) },
      ]);
      const labels = this.SUBRULE(this.labelList);
      let group: "left" | "right" | undefined;
      let include: readonly string[] = [];
      this.OPTION3(() => {
        group = this.OR2([
          { ALT: () => (this.CONSUME(t.GroupLeft), "left" as const) },
          { ALT: () => (this.CONSUME(t.GroupRight), "right" as const) },
        ]);
        this.OPTION4(() => {
          include = this.SUBRULE2(this.labelList);
        });
      });
      return { isOn, labels, group, include };
    });
    return { returnsBool: bool !== undefined, matching };
  });

  labelList = this.RULE("labelList", (): readonly string[] => {
    const labels: string[] = [];
    this.CONSUME(t.LParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => labels.push(this.CONSUME(t.Identifier).image) });
    this.CONSUME(t.RParen);
    return labels;
  });

  primary = this.RULE("primary", (): LogExpr =>
    this.OR<IOrAlt<LogExpr>[]>([
      { ALT: () => this.SUBRULE(this.parenthesised) },
      { ALT: () => this.SUBRULE(this.pipeline) },
      { ALT: () => this.SUBRULE(this.rangeAggregation) },
      { ALT: () => this.SUBRULE(this.vectorAggregation) },
      { ALT: () => this.SUBRULE(this.labelReplace) },
      { ALT: () => this.SUBRULE(this.vectorFunction) },
      { ALT: () => this.SUBRULE(this.number) },
    ]),
  );

  parenthesised = this.RULE("parenthesised", (): LogExpr => {
    this.CONSUME(t.LParen);
    const expr = this.SUBRULE(this.expr);
    this.CONSUME(t.RParen);
    return expr;
  });

  number = this.RULE("number", (): MetricExpr => {
    const { value, token } = this.SUBRULE(this.signedNumber);
    return this.ACTION(() => ({ kind: "number", position: positionOf(token), value }));
  });

  vectorFunction = this.RULE("vectorFunction", (): MetricExpr => {
    const token = this.CONSUME(t.Vector);
    this.CONSUME(t.LParen);
    const { value } = this.SUBRULE(this.signedNumber);
    this.CONSUME(t.RParen);
    return this.ACTION(() => ({ kind: "vector", position: positionOf(token), value }));
  });

  labelReplace = this.RULE("labelReplace", (): MetricExpr => {
    const token = this.CONSUME(t.LabelReplace);
    this.CONSUME(t.LParen);
    const inner = this.SUBRULE(this.expr);
    const texts: string[] = [];
    this.AT_LEAST_ONE(() => {
      this.CONSUME(t.Comma);
      texts.push(this.SUBRULE(this.string));
    });
    const end = this.CONSUME(t.RParen);
    return this.ACTION(() => {
      if (texts.length !== 4) {
        throw parseError(end, `label_replace takes an expression and 4 strings, not ${texts.length}`);
      }
      const [target, replacement, source, pattern] = texts as [string, string, string, string];
      const expr = requireMetric(inner, "what label_replace is given");
      const position = positionOf(token);
      return { kind: "label_replace", position, expr, target, replacement, source, pattern };
    });
  });

  grouping = this.RULE("grouping", (): Grouping => {
    const isWithout = this.OR([
      { ALT: () => (this.CONSUME(t.By), false) },
      { ALT: () => (this.CONSUME(t.Without), true) },
    ]);
    return { isWithout, labels: this.SUBRULE(this.labelList) };
  });

  vectorAggregation = this.RULE("vectorAggregation", (): MetricExpr => {
    const name = this.CONSUME(t.VectorOpName);
    const before = this.OPTION(() => this.SUBRULE(this.grouping));
    this.CONSUME(t.LParen);
    const parameter = this.OPTION2(() => {
      const value = Number(this.CONSUME(t.NumberLiteral).image);
      this.CONSUME(t.Comma);
      return value;
    });
    const inner = this.SUBRULE(this.expr);
    this.CONSUME(t.RParen);
    const after = this.OPTION3(() => this.SUBRULE2(this.grouping));
    return this.ACTION(() => {
      if (before !== undefined && after !== undefined) {
        throw parseError(name, `${name.image} has a grouping before and after its expression`);
      }
      return {
        kind: "vector_aggregation",
        position: positionOf(name),
        op: name.image.toLowerCase() as VectorOp,
        parameter,
        expr: requireMetric(inner, `what ${name.image} is given`),
        grouping: before ?? after,
      };
    });
  });

  rangeAggregation = this.RULE("rangeAggregation", (): MetricExpr => {
    const name = this.CONSUME(t.RangeOpName);
    this.CONSUME(t.LParen);
    const parameter = this.OPTION(() => {
      const { value } = this.SUBRULE(this.signedNumber);
      this.CONSUME(t.Comma);
      return value;
    });
    const { pipeline, range } = this.SUBRULE(this.rangedPipeline);
    const end = this.CONSUME(t.RParen);
    const grouping = this.OPTION2(() => this.SUBRULE(this.grouping));
    return this.ACTION((): RangeAggregationExpr => {
      if (range === undefined) throw parseError(end, "syntax error: unexpected ), expecting [ (a range)");
      const position = positionOf(name);
      const op = name.image.toLowerCase() as RangeOp;
      return { kind: "range_aggregation", position, op, parameter, pipeline, ...range, grouping };
    });
  });

  rangedPipeline = this.RULE("rangedPipeline", (): RangedPipeline => {
    const inner = this.OR<IOrAlt<RangedPipeline>[]>([
      {
        ALT: () => {
          this.CONSUME(t.LParen);
          const nested = this.SUBRULE(this.rangedPipeline);
          this.CONSUME(t.RParen);
          return nested;
        },
      },
      { ALT: () => ({ pipeline: this.SUBRULE(this.pipeline), range: undefined }) },
    ]);
    return (
      this.OPTION((): RangedPipeline => {
        const bracket = this.CONSUME(t.LBracket);
        const rangeMs = this.SUBRULE(this.duration);
        this.CONSUME(t.RBracket);
        const offsetMs = this.OPTION2(() => {
          this.CONSUME(t.Offset);
          return this.SUBRULE2(this.signedDuration);
        });
        const stages: Stage[] = [];
        this.MANY(() => {
          stages.push(this.SUBRULE(this.stage));
        });
        return this.ACTION(() => {
          if (inner.range !== undefined) throw parseError(bracket, "syntax error: unexpected a second range");
          const pipeline = { ...inner.pipeline, stages: [...inner.pipeline.stages, ...stages] };
          return { pipeline, range: { rangeMs, offsetMs: offsetMs ?? 0 } };
        });
      }) ?? inner
    );
  });

  pipeline = this.RULE("pipeline", (): PipelineExpr =>
    this.OR<IOrAlt<PipelineExpr>[]>([
      { ALT: () => this.SUBRULE(this.selected) },
      { ALT: () => this.SUBRULE(this.searched) },
    ]),
  );

  /** Beyond Loki: a text alone searches all streams. */
  searched = this.RULE("searched", (): PipelineExpr => {
    const position = this.ACTION(() => positionOf(this.LA(1)));
    const text = this.SUBRULE(this.string);
    const stages: Stage[] = [];
    this.MANY(() => {
      stages.push(this.SUBRULE(this.stage));
    });
    const search: Stage = { kind: "line_filter", position, op: "|=", values: [{ kind: "text", text }] };
    return { kind: "pipeline", position, matchers: [], searchesAll: true, stages: [search, ...stages] };
  });

  selected = this.RULE("selected", (): PipelineExpr => {
    const brace = this.CONSUME(t.LBrace);
    const matchers: Matcher[] = [];
    this.MANY_SEP({ SEP: t.Comma, DEF: () => matchers.push(this.SUBRULE(this.matcher)) });
    this.CONSUME(t.RBrace);
    const stages: Stage[] = [];
    this.MANY(() => {
      stages.push(this.SUBRULE(this.stage));
    });
    return this.ACTION(() => ({ kind: "pipeline", position: positionOf(brace), matchers, stages }));
  });
}

function requireMetric(expr: LogExpr, what: string): MetricExpr {
  if (expr.kind !== "pipeline") return expr;
  throw parseErrorAt(expr.position, `${what} must be a metric query, not a log query`);
}
