/**
 * The grammar of PromQL over chevrotain: it builds the tree as it reads. What a tree must further satisfy
 * (types, counts of arguments, matching) stands in check.ts.
 *
 * A run of operators is read flat and put in order by precedence.ts, so that one level of parentheses costs
 * one level of recursion. Chevrotain runs every rule once with made-up tokens to learn the grammar: what
 * looks into tokens is therefore inside ACTION.
 */
import { EmbeddedActionsParser, tokenMatcher, type IToken } from "chevrotain";
import type { Matcher, MatcherOp } from "@binnacle/model";
import { NESTING_MAX } from "../limits.ts";
import type { AtModifier, BinaryOp, Duration, Expr, VectorSelector } from "./ast.ts";
import { TreeBuilder, type MatchingClause, type OperatorClause } from "./tree-builder.ts";
import { buildTree, type Operand } from "./precedence.ts";
import * as t from "./tokens.ts";

interface LabelList {
  readonly labels: readonly string[];
  readonly close: IToken;
}

export class PromqlGrammar extends EmbeddedActionsParser {
  #builder = new TreeBuilder("", new Set());
  #nesting = 0;

  /** Looking for ambiguities takes as long as all the rest: a test does it. */
  constructor(options: { readonly skipValidations: boolean } = { skipValidations: true }) {
    super(t.VOCABULARY, { maxLookahead: 2, recoveryEnabled: false, ...options });
    this.performSelfAnalysis();
  }

  /** The tree of a token stream. What the grammar refuses is in `errors`, as chevrotain has it. */
  parseTokens(tokens: IToken[], builder: TreeBuilder): Expr {
    this.input = tokens;
    this.#builder = builder;
    this.#nesting = 0;
    return this.query();
  }

  query = this.RULE("query", (): Expr => {
    const expr = this.SUBRULE(this.expression);
    return expr;
  });

  expression = this.RULE("expression", (): Expr => {
    this.ACTION(() => {
      this.#nesting++;
      if (this.#nesting > NESTING_MAX) {
        throw this.#builder.error(this.LA(1).startOffset, `nested deeper than ${NESTING_MAX} (NESTING_MAX)`);
      }
    });
    const operands: Operand<IToken, Expr>[] = [];
    const operators: OperatorClause[] = [];
    operands.push(this.SUBRULE(this.operand));
    this.MANY(() => {
      operators.push(this.SUBRULE(this.operatorClause));
      operands.push(this.SUBRULE2(this.operand));
    });
    return this.ACTION(() => {
      this.#nesting--;
      return buildTree(operands, operators, this.#builder);
    });
  });

  operand = this.RULE("operand", (): Operand<IToken, Expr> => {
    const signs: IToken[] = [];
    this.MANY(() => {
      signs.push(this.CONSUME(t.Sign));
    });
    const tree = this.SUBRULE(this.postfix);
    return { signs, tree };
  });

  operatorClause = this.RULE("operatorClause", (): OperatorClause => {
    const token = this.CONSUME(t.BinaryOperator);
    let returnBool = false;
    this.OPTION(() => {
      this.CONSUME(t.Bool);
      returnBool = true;
    });
    const matching: MatchingClause = {};
    this.OPTION2(() => {
      matching.on = this.OR([{ ALT: () => this.CONSUME(t.On) }, { ALT: () => this.CONSUME(t.Ignoring) }]);
      matching.labels = this.SUBRULE(this.labelList).labels;
      this.OPTION3(() => {
        matching.group = this.OR2([
          { ALT: () => this.CONSUME(t.GroupLeft) },
          { ALT: () => this.CONSUME(t.GroupRight) },
        ]);
        // `group_left (a, b)` and the parenthesis of an operand look alike for any number of tokens: the
        // first wins.
        this.OPTION4({
          GATE: () => this.#isLabelListAhead(),
          DEF: () => {
            matching.include = this.SUBRULE2(this.labelList).labels;
          },
        });
      });
    });
    this.MANY({
      // A metric may be called fill; the modifier has a parenthesis.
      GATE: () => tokenMatcher(this.LA(2), t.LeftParen),
      DEF: () => {
        const fill = this.OR3([
          { ALT: () => this.CONSUME(t.Fill) },
          { ALT: () => this.CONSUME(t.FillLeft) },
          { ALT: () => this.CONSUME(t.FillRight) },
        ]);
        this.CONSUME(t.LeftParen);
        const value = this.SUBRULE(this.signedNumber);
        this.CONSUME(t.RightParen);
        this.ACTION(() => this.#builder.addFill(matching, fill, value));
      },
    });
    return this.ACTION(() => ({
      op: token.image.toLowerCase() as BinaryOp,
      token,
      returnBool,
      matching,
    }));
  });

  postfix = this.RULE("postfix", (): Expr => {
    let expr = this.SUBRULE(this.primary);
    this.MANY(() => {
      this.OR([
        { ALT: () => (expr = this.SUBRULE(this.offsetClause, { ARGS: [expr] })) },
        { ALT: () => (expr = this.SUBRULE(this.atClause, { ARGS: [expr] })) },
        { ALT: () => (expr = this.SUBRULE(this.bracketClause, { ARGS: [expr] })) },
        {
          ALT: () => {
            const word = this.OR2([
              { ALT: () => this.CONSUME(t.Anchored) },
              { ALT: () => this.CONSUME(t.Smoothed) },
            ]);
            expr = this.ACTION(() => this.#builder.withExtension(expr, word));
          },
        },
      ]);
    });
    return expr;
  });

  offsetClause = this.RULE("offsetClause", (expr: Expr): Expr => {
    const word = this.CONSUME(t.Offset);
    const duration = this.SUBRULE(this.offsetDuration);
    return this.ACTION(() => this.#builder.withOffset(expr, duration, word));
  });

  atClause = this.RULE("atClause", (expr: Expr): Expr => {
    const at = this.CONSUME(t.At);
    let modifier: AtModifier = "start";
    let end: IToken = at;
    this.OR([
      {
        ALT: () => {
          const number = this.SUBRULE(this.signedNumber);
          end = this.LA(0);
          this.ACTION(() => (modifier = this.#builder.atTime(number, at)));
        },
      },
      {
        ALT: () => {
          const bound = this.OR2([{ ALT: () => this.CONSUME(t.Start) }, { ALT: () => this.CONSUME(t.End) }]);
          this.CONSUME(t.LeftParen);
          end = this.CONSUME(t.RightParen);
          this.ACTION(() => (modifier = bound.image.toLowerCase() as AtModifier));
        },
      },
    ]);
    return this.ACTION(() => this.#builder.withAt(expr, modifier, end));
  });

  bracketClause = this.RULE("bracketClause", (expr: Expr): Expr => {
    this.CONSUME(t.LeftBracket);
    const range = this.SUBRULE(this.durationExpression);
    let isSubquery = false;
    let step: Duration | undefined;
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      isSubquery = true;
      this.OPTION2(() => (step = this.SUBRULE2(this.durationExpression)));
    });
    const close = this.CONSUME(t.RightBracket);
    return this.ACTION(() =>
      isSubquery
        ? this.#builder.subquery(expr, range, step, close)
        : this.#builder.matrix(expr, range, close),
    );
  });

  primary = this.RULE("primary", (): Expr =>
    this.OR({
      ERR_MSG: "an expression",
      DEF: [
        { ALT: () => this.SUBRULE(this.paren) },
        { ALT: () => this.SUBRULE(this.literal) },
        {
          GATE: () => this.#isAggregationAhead(),
          ALT: () => this.SUBRULE(this.aggregation),
        },
        {
          GATE: () => tokenMatcher(this.LA(2), t.LeftParen),
          ALT: () => this.SUBRULE(this.call),
        },
        { ALT: () => this.SUBRULE(this.selector) },
      ],
    }),
  );

  paren = this.RULE("paren", (): Expr => {
    const open = this.CONSUME(t.LeftParen);
    const expr = this.SUBRULE(this.expression);
    const close = this.CONSUME(t.RightParen);
    return this.ACTION(() => this.#builder.paren(open, expr, close));
  });

  literal = this.RULE("literal", (): Expr =>
    this.OR([
      { ALT: () => this.ACTION1(this.CONSUME(t.NumberToken), (token) => this.#builder.number(token)) },
      { ALT: () => this.ACTION1(this.CONSUME(t.DurationToken), (token) => this.#builder.number(token)) },
      { ALT: () => this.ACTION1(this.CONSUME(t.StringToken), (token) => this.#builder.string(token)) },
    ]),
  );

  aggregation = this.RULE("aggregation", (): Expr => {
    const op = this.CONSUME(t.AggregationOperator);
    let modifier: IToken | undefined;
    let list: LabelList = { labels: [], close: op };
    this.OPTION(() => {
      modifier = this.SUBRULE(this.groupingWord);
      list = this.SUBRULE(this.labelList);
    });
    this.CONSUME(t.LeftParen);
    const args = this.SUBRULE(this.argumentList);
    let end = this.CONSUME(t.RightParen);
    this.OPTION2({
      GATE: () => modifier === undefined && tokenMatcher(this.LA(2), t.LeftParen),
      DEF: () => {
        modifier = this.SUBRULE2(this.groupingWord);
        list = this.SUBRULE2(this.labelList);
        end = list.close;
      },
    });
    return this.ACTION(() =>
      this.#builder.aggregation({
        op,
        args,
        end,
        grouping: list.labels,
        without: modifier?.tokenType === t.Without,
      }),
    );
  });

  groupingWord = this.RULE("groupingWord", (): IToken =>
    this.OR([{ ALT: () => this.CONSUME(t.By) }, { ALT: () => this.CONSUME(t.Without) }]),
  );

  labelList = this.RULE("labelList", (): LabelList => {
    const labels: string[] = [];
    this.CONSUME(t.LeftParen);
    this.OPTION(() => {
      labels.push(this.SUBRULE(this.groupingLabel));
      this.MANY(() => {
        this.CONSUME(t.Comma);
        labels.push(this.SUBRULE2(this.groupingLabel));
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    const close = this.CONSUME(t.RightParen);
    return { labels, close };
  });

  groupingLabel = this.RULE("groupingLabel", (): string =>
    this.OR([
      { ALT: () => this.CONSUME(t.LabelName).image },
      { ALT: () => this.ACTION1(this.CONSUME(t.StringToken), (token) => this.#builder.labelName(token)) },
    ]),
  );

  call = this.RULE("call", (): Expr => {
    const name = this.CONSUME(t.FunctionWord);
    this.CONSUME(t.LeftParen);
    const args = this.SUBRULE(this.argumentList);
    const close = this.CONSUME(t.RightParen);
    return this.ACTION(() => this.#builder.call(name, args, close));
  });

  argumentList = this.RULE("argumentList", (): readonly Expr[] => {
    const args: Expr[] = [];
    this.MANY_SEP({
      SEP: t.Comma,
      DEF: () => {
        args.push(this.SUBRULE(this.expression));
      },
    });
    return args;
  });

  selector = this.RULE("selector", (): VectorSelector => {
    let name: IToken | undefined;
    let matchers: readonly Matcher[] = [];
    let end: IToken | undefined;
    this.OR([
      {
        ALT: () => {
          name = this.CONSUME(t.MetricName);
          this.OPTION(() => {
            matchers = this.SUBRULE(this.matcherList);
            end = this.LA(0);
          });
        },
      },
      {
        ALT: () => {
          name = this.LA(1);
          matchers = this.SUBRULE2(this.matcherList);
          end = this.LA(0);
        },
      },
    ]);
    return this.ACTION(() => this.#builder.selector(name!, matchers, end ?? name!));
  });

  matcherList = this.RULE("matcherList", (): readonly Matcher[] => {
    const matchers: Matcher[] = [];
    this.CONSUME(t.LeftBrace);
    this.OPTION(() => {
      matchers.push(this.SUBRULE(this.matcher));
      this.MANY(() => {
        this.CONSUME(t.Comma);
        matchers.push(this.SUBRULE2(this.matcher));
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RightBrace);
    return matchers;
  });

  matcher = this.RULE("matcher", (): Matcher => {
    const name = this.OR([
      { ALT: () => this.CONSUME(t.BraceIdentifier) },
      { ALT: () => this.CONSUME(t.StringToken) },
    ]);
    let op: IToken | undefined;
    let value: IToken | undefined;
    this.OPTION(() => {
      op = this.OR2([
        { ALT: () => this.CONSUME(t.Assign) },
        { ALT: () => this.CONSUME(t.NotEqual) },
        { ALT: () => this.CONSUME(t.MatchRegexp) },
        { ALT: () => this.CONSUME(t.NotMatchRegexp) },
      ]);
      value = this.CONSUME2(t.StringToken);
    });
    return this.ACTION(() => this.#builder.matcher(name, op?.image as MatcherOp | undefined, value));
  });

  signedNumber = this.RULE("signedNumber", (): number => {
    let sign: IToken | undefined;
    this.OPTION(() => (sign = this.CONSUME(t.Sign)));
    const token = this.OR([
      { ALT: () => this.CONSUME(t.NumberToken) },
      { ALT: () => this.CONSUME(t.DurationToken) },
    ]);
    return this.ACTION(() => {
      const { value } = this.#builder.number(token);
      return sign?.image === "-" ? -value : value;
    });
  });

  offsetDuration = this.RULE("offsetDuration", (): Duration => {
    let sign: IToken | undefined;
    this.OPTION(() => (sign = this.CONSUME(t.Sign)));
    const operand = this.SUBRULE(this.durationPrimary);
    return this.ACTION(() => (sign === undefined ? operand : this.#builder.durations.unary(sign, operand)));
  });

  durationExpression = this.RULE("durationExpression", (): Duration => {
    const operands: Operand<IToken, Duration>[] = [];
    const operators: { op: string }[] = [];
    operands.push(this.SUBRULE(this.durationOperand));
    this.MANY(() => {
      const token = this.CONSUME(t.BinaryOperator);
      operators.push({ op: token.image });
      operands.push(this.SUBRULE2(this.durationOperand));
    });
    return this.ACTION(() => buildTree(operands, operators, this.#builder.durations));
  });

  durationOperand = this.RULE("durationOperand", (): Operand<IToken, Duration> => {
    const signs: IToken[] = [];
    this.MANY(() => {
      signs.push(this.CONSUME(t.Sign));
    });
    const tree = this.SUBRULE(this.durationPrimary);
    return { signs, tree };
  });

  durationPrimary = this.RULE("durationPrimary", (): Duration => {
    this.ACTION(() => {
      this.#nesting++;
      if (this.#nesting > NESTING_MAX) {
        throw this.#builder.error(this.LA(1).startOffset, `nested deeper than ${NESTING_MAX} (NESTING_MAX)`);
      }
    });
    const duration: Duration = this.OR([
      { ALT: () => this.ACTION1(this.CONSUME(t.NumberToken), (token) => this.#builder.duration(token)) },
      { ALT: () => this.ACTION1(this.CONSUME(t.DurationToken), (token) => this.#builder.duration(token)) },
      {
        ALT: () => {
          const name = this.CONSUME(t.DurationFunction);
          const args: Duration[] = [];
          this.CONSUME(t.LeftParen);
          this.MANY_SEP({
            SEP: t.Comma,
            DEF: () => {
              args.push(this.SUBRULE(this.durationExpression));
            },
          });
          const close = this.CONSUME(t.RightParen);
          return this.ACTION(() => this.#builder.durationCall(name, args, close));
        },
      },
      {
        ALT: () => {
          const open = this.CONSUME2(t.LeftParen);
          const operand = this.SUBRULE2(this.durationExpression);
          const close = this.CONSUME2(t.RightParen);
          return this.ACTION(() => this.#builder.durationParen(open, operand, close));
        },
      },
    ]);
    this.ACTION(() => this.#nesting--);
    return duration;
  });

  /** ACTION over what was just consumed. */
  ACTION1<T>(token: IToken, act: (token: IToken) => T): T {
    return this.ACTION(() => act(token));
  }

  /** `sum` is an aggregation before a parenthesis, by or without; else it is a metric's name. */
  #isAggregationAhead(): boolean {
    const next = this.LA(2);
    return tokenMatcher(next, t.LeftParen) || tokenMatcher(next, t.By) || tokenMatcher(next, t.Without);
  }

  /** Whether what stands in the parentheses ahead is a list of labels and an operand follows it. */
  #isLabelListAhead(): boolean {
    if (!tokenMatcher(this.LA(1), t.LeftParen)) return false;
    for (let i = 2; ; i++) {
      const token = this.LA(i);
      if (tokenMatcher(token, t.RightParen)) return true;
      const isListed =
        tokenMatcher(token, t.LabelName) ||
        tokenMatcher(token, t.StringToken) ||
        tokenMatcher(token, t.Comma);
      if (!isListed) return false;
    }
  }
}
