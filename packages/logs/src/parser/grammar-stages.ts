/** The part of LogQL's grammar that stands after a selector: stages and what they are made of. */
import { EmbeddedActionsParser, tokenMatcher, type IOrAlt, type IToken, type TokenType } from "chevrotain";
import type { Matcher, MatcherOp } from "@binnacle/model";
import type {
  CompareOp,
  ComparedValue,
  Extraction,
  LabelAssignment,
  LabelCondition,
  LineFilterOp,
  LineFilterValue,
  SelectedLabel,
  SortKey,
  Stage,
} from "./ast.ts";
import { durationMs, sizeBytes, unquote } from "./literals.ts";
import { ERROR_TEXTS, parseError, positionOf } from "./parse-error.ts";
import * as t from "./tokens.ts";

export class StageGrammar extends EmbeddedActionsParser {
  constructor() {
    super(t.TOKENS, { maxLookahead: 3, errorMessageProvider: ERROR_TEXTS });
  }

  protected oneOf(...types: TokenType[]): IToken {
    return this.OR(types.map((type, i) => ({ ALT: () => this.consume(i, type) })));
  }

  stage = this.RULE("stage", (): Stage =>
    this.OR<IOrAlt<Stage>[]>([
      { ALT: () => this.SUBRULE(this.lineFilter) },
      {
        ALT: () => {
          this.CONSUME(t.Pipe);
          return this.SUBRULE(this.pipedStage);
        },
      },
    ]),
  );

  lineFilter = this.RULE("lineFilter", (): Stage => {
    const op = this.CONSUME(t.LineOp);
    const values = [this.SUBRULE(this.lineFilterValue)];
    this.MANY(() => {
      this.CONSUME(t.Or);
      values.push(this.SUBRULE2(this.lineFilterValue));
    });
    return this.ACTION(() => {
      const position = positionOf(op);
      return { kind: "line_filter", position, op: op.image as LineFilterOp, values };
    });
  });

  lineFilterValue = this.RULE("lineFilterValue", (): LineFilterValue =>
    this.OR<IOrAlt<LineFilterValue>[]>([
      { ALT: () => ({ kind: "text", text: this.SUBRULE(this.string) }) },
      { ALT: () => ({ kind: "ip", text: this.SUBRULE(this.ip) }) },
    ]),
  );

  ip = this.RULE("ip", (): string => {
    this.CONSUME(t.Ip);
    this.CONSUME(t.LParen);
    const text = this.SUBRULE(this.string);
    this.CONSUME(t.RParen);
    return text;
  });

  pipedStage = this.RULE("pipedStage", (): Stage => {
    const position = this.ACTION(() => positionOf(this.LA(1)));
    return this.OR<IOrAlt<Stage>[]>([
      {
        // A word such as json is a label's name when it is compared with something.
        GATE: () => tokenMatcher(this.LA(1), t.LParen) || tokenMatcher(this.LA(2), t.ValueOp),
        IGNORE_AMBIGUITIES: true,
        ALT: () => ({ kind: "label_filter", position, condition: this.SUBRULE(this.labelOr) }),
      },
      { ALT: () => ({ ...this.SUBRULE(this.json), position }) },
      { ALT: () => ({ ...this.SUBRULE(this.logfmt), position }) },
      { ALT: () => ({ ...this.SUBRULE(this.textStage), position }) },
      { ALT: () => (this.CONSUME(t.Unpack), { kind: "unpack", position }) },
      { ALT: () => (this.CONSUME(t.Decolorize), { kind: "decolorize", position }) },
      { ALT: () => ({ ...this.SUBRULE(this.labelFormat), position }) },
      { ALT: () => ({ ...this.SUBRULE(this.selectLabels), position }) },
      { ALT: () => ({ ...this.SUBRULE(this.unwrap), position }) },
      { ALT: () => ({ ...this.SUBRULE(this.distinct), position }) },
      { ALT: () => ({ ...this.SUBRULE(this.sort), position }) },
      { ALT: () => ({ ...this.SUBRULE(this.context), position }) },
    ]);
  });

  distinct = this.RULE("distinct", () => {
    const labels: string[] = [];
    this.CONSUME(t.Distinct);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => labels.push(this.CONSUME(t.Identifier).image) });
    return { kind: "distinct" as const, labels };
  });

  sort = this.RULE("sort", () => {
    const keys: SortKey[] = [];
    this.CONSUME(t.Sort);
    this.OPTION(() => this.CONSUME(t.By));
    this.MANY_SEP({
      SEP: t.Comma,
      DEF: () => {
        const label = this.CONSUME(t.Identifier).image;
        const isDescending = this.OPTION2(() =>
          this.OR([
            { ALT: () => (this.CONSUME(t.Ascending), false) },
            { ALT: () => (this.CONSUME(t.Descending), true) },
          ]),
        );
        keys.push({ label, isDescending: isDescending ?? false });
      },
    });
    return { kind: "sort" as const, keys };
  });

  context = this.RULE("context", () => {
    let before = 0;
    let after = 0;
    this.CONSUME(t.Context);
    this.AT_LEAST_ONE(() => {
      this.OR([
        { ALT: () => (this.CONSUME(t.Before), (before = Number(this.CONSUME(t.NumberLiteral).image))) },
        { ALT: () => (this.CONSUME(t.After), (after = Number(this.CONSUME2(t.NumberLiteral).image))) },
      ]);
    });
    return { kind: "context" as const, before, after };
  });

  json = this.RULE("json", () => {
    this.CONSUME(t.Json);
    const extractions = this.OPTION(() => this.SUBRULE(this.extractions)) ?? [];
    return { kind: "json" as const, extractions };
  });

  logfmt = this.RULE("logfmt", () => {
    let isStrict = false;
    let keepsEmpty = false;
    this.CONSUME(t.Logfmt);
    this.MANY(() => {
      this.OR([
        { ALT: () => (this.CONSUME(t.StrictFlag), (isStrict = true)) },
        { ALT: () => (this.CONSUME(t.KeepEmptyFlag), (keepsEmpty = true)) },
      ]);
    });
    const extractions = this.OPTION(() => this.SUBRULE(this.extractions)) ?? [];
    return { kind: "logfmt" as const, isStrict, keepsEmpty, extractions };
  });

  extractions = this.RULE("extractions", (): readonly Extraction[] => {
    const extractions: Extraction[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: t.Comma,
      DEF: () => {
        const name = this.CONSUME(t.Identifier).image;
        const path = this.OPTION(() => {
          this.CONSUME(t.Equal);
          return this.SUBRULE(this.string);
        });
        extractions.push({ name, path: path ?? name });
      },
    });
    return extractions;
  });

  textStage = this.RULE("textStage", () => {
    const kind = this.OR([
      { ALT: () => (this.CONSUME(t.RegexpWord), "regexp" as const) },
      { ALT: () => (this.CONSUME(t.PatternWord), "pattern" as const) },
      { ALT: () => (this.CONSUME(t.LineFormat), "line_format" as const) },
    ]);
    const text = this.SUBRULE(this.string);
    return kind === "line_format" ? { kind, template: text } : { kind, pattern: text };
  });

  labelFormat = this.RULE("labelFormat", () => {
    const assignments: LabelAssignment[] = [];
    this.CONSUME(t.LabelFormat);
    this.AT_LEAST_ONE_SEP({
      SEP: t.Comma,
      DEF: () => {
        const token = this.CONSUME(t.Identifier);
        const name = token.image;
        this.CONSUME(t.Equal);
        const assignment = this.OR<IOrAlt<LabelAssignment>[]>([
          { ALT: () => ({ kind: "rename", name, source: this.CONSUME2(t.Identifier).image }) },
          { ALT: () => ({ kind: "template", name, template: this.SUBRULE(this.string) }) },
        ]);
        this.ACTION(() => {
          if (name === "__error__") throw parseError(token, "__error__ cannot be formatted");
          if (assignments.some((other) => other.name === name)) {
            throw parseError(token, `label_format may set ${name} only once in a stage`);
          }
        });
        assignments.push(assignment);
      },
    });
    return { kind: "label_format" as const, assignments };
  });

  selectLabels = this.RULE("selectLabels", () => {
    const kind = this.OR([
      { ALT: () => (this.CONSUME(t.Drop), "drop" as const) },
      { ALT: () => (this.CONSUME(t.Keep), "keep" as const) },
    ]);
    const items: SelectedLabel[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: t.Comma,
      DEF: () => {
        const name = this.CONSUME(t.Identifier).image;
        const matcher = this.OPTION((): Matcher => {
          const op = this.CONSUME(t.MatchOp).image as MatcherOp;
          return { name, op, value: this.SUBRULE(this.string) };
        });
        items.push({ name, matcher });
      },
    });
    return { kind, items };
  });

  unwrap = this.RULE("unwrap", () => {
    this.CONSUME(t.Unwrap);
    return this.OR([
      {
        ALT: () => {
          const conversion = this.OR2([
            { ALT: () => (this.CONSUME(t.Duration), "duration" as const) },
            { ALT: () => (this.CONSUME(t.DurationSeconds), "duration_seconds" as const) },
            { ALT: () => (this.CONSUME(t.Bytes), "bytes" as const) },
          ]);
          this.CONSUME(t.LParen);
          const label = this.CONSUME(t.Identifier).image;
          this.CONSUME(t.RParen);
          return { kind: "unwrap" as const, label, conversion };
        },
      },
      {
        ALT: () => {
          const label = this.CONSUME2(t.Identifier).image;
          return { kind: "unwrap" as const, label, conversion: undefined };
        },
      },
    ]);
  });

  labelOr = this.RULE("labelOr", (): LabelCondition => {
    let left = this.SUBRULE(this.labelAnd);
    this.MANY(() => {
      this.CONSUME(t.Or);
      const right = this.SUBRULE2(this.labelAnd);
      left = { kind: "or", left, right };
    });
    return left;
  });

  labelAnd = this.RULE("labelAnd", (): LabelCondition => {
    let left = this.SUBRULE(this.labelGroup);
    this.MANY(() => {
      this.CONSUME(t.And);
      const right = this.SUBRULE2(this.labelGroup);
      left = { kind: "and", left, right };
    });
    return left;
  });

  /**
   * Conditions that only follow each other, or a comma, must hold both, as with `and`; but as in Loki what
   * stands behind the comma is taken together first, its `or` too.
   */
  labelGroup = this.RULE("labelGroup", (): LabelCondition => {
    const left = this.SUBRULE(this.labelUnit);
    const right = this.OPTION(() => {
      this.OPTION2(() => this.CONSUME(t.Comma));
      return this.SUBRULE(this.labelOr);
    });
    return right === undefined ? left : { kind: "and", left, right };
  });

  labelUnit = this.RULE("labelUnit", (): LabelCondition =>
    this.OR<IOrAlt<LabelCondition>[]>([
      {
        ALT: () => {
          this.CONSUME(t.LParen);
          const condition = this.SUBRULE(this.labelOr);
          this.CONSUME(t.RParen);
          return condition;
        },
      },
      { ALT: () => this.SUBRULE(this.labelComparison) },
    ]),
  );

  labelComparison = this.RULE("labelComparison", (): LabelCondition => {
    const name = this.CONSUME(t.Identifier);
    const op = this.CONSUME(t.ValueOp);
    const value = this.OR<IOrAlt<ComparedValue>[]>([
      { ALT: () => ({ kind: "string", text: this.SUBRULE(this.string) }) },
      { ALT: () => ({ kind: "ip", text: this.SUBRULE(this.ip) }) },
      { ALT: () => this.SUBRULE(this.quantity) },
    ]);
    return this.ACTION(() => {
      const takesOp = { string: ["=", "!=", "=~", "!~"], ip: ["=", "!="] }[value.kind as "string" | "ip"];
      const isAllowed = takesOp?.includes(op.image) ?? !["=~", "!~"].includes(op.image);
      if (!isAllowed)
        throw parseError(op, `syntax error: ${op.image} cannot compare a label with a ${value.kind}`);
      const position = positionOf(name);
      return { kind: "compare", position, name: name.image, op: op.image as CompareOp, value };
    });
  });

  quantity = this.RULE("quantity", (): ComparedValue => {
    const minus = this.OPTION(() => this.CONSUME(t.Sub));
    const token = this.OR([
      { ALT: () => this.CONSUME(t.NumberLiteral) },
      { ALT: () => this.CONSUME(t.DurationLiteral) },
      { ALT: () => this.CONSUME(t.BytesLiteral) },
    ]);
    return this.ACTION((): ComparedValue => {
      const text = (minus?.image ?? "") + token.image;
      const sign = minus === undefined ? 1 : -1;
      switch (token.tokenType) {
        case t.DurationLiteral:
          return { kind: "duration", text, value: (sign * durationMs(token.image)!) / 1000 };
        case t.BytesLiteral:
          return { kind: "bytes", text, value: sign * sizeBytes(token.image)! };
        default:
          return { kind: "number", text, value: sign * Number(token.image) };
      }
    });
  });

  matcher = this.RULE("matcher", (): Matcher => {
    const name = this.CONSUME(t.Identifier).image;
    const op = this.CONSUME(t.MatchOp).image as MatcherOp;
    return { name, op, value: this.SUBRULE(this.string) };
  });

  string = this.RULE("string", (): string => {
    const token = this.CONSUME(t.QuotedString);
    return this.ACTION(() => {
      const text = unquote(token.image);
      if (text === undefined) throw parseError(token, `the string ${token.image} has an escape that is none`);
      return text;
    });
  });

  signedNumber = this.RULE("signedNumber", (): { value: number; token: IToken } => {
    const sign = this.OPTION(() => this.oneOf(t.Add, t.Sub));
    const token = this.CONSUME(t.NumberLiteral);
    return { value: Number(token.image) * (sign?.image === "-" ? -1 : 1), token: sign ?? token };
  });

  duration = this.RULE("duration", (): number => {
    const token = this.CONSUME(t.DurationLiteral);
    return this.ACTION(() => durationMs(token.image)!);
  });

  signedDuration = this.RULE("signedDuration", (): number => {
    const minus = this.OPTION(() => this.CONSUME(t.Sub));
    const ms = this.SUBRULE(this.duration);
    return minus === undefined ? ms : -ms;
  });
}
