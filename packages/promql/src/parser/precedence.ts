/** Turns a flat run of operands and operators into a tree, by precedence and associativity. */

const PRECEDENCE: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  "==": 3,
  "!=": 3,
  "<": 3,
  "<=": 3,
  ">": 3,
  ">=": 3,
  "</": 3,
  ">/": 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
  "%": 5,
  atan2: 5,
  "^": 6,
};
const UNARY_PRECEDENCE = PRECEDENCE["*"]!;

/** Signs that stand before an operand, outermost first, and the operand. */
export interface Operand<Sign, Tree> {
  readonly signs: readonly Sign[];
  readonly tree: Tree;
}

interface Builder<Sign, Operator extends { readonly op: string }, Tree> {
  unary(sign: Sign, tree: Tree): Tree;
  binary(operator: Operator, left: Tree, right: Tree): Tree;
}

/**
 * `^` binds to the right and tighter than a sign (−1 ^ 2 is −1); a sign binds as tightly as `*`; all else to
 * the left. There is one operand more than there are operators. An explicit stack, so that a long chain costs
 * no recursion.
 */
export function buildTree<Sign, Operator extends { readonly op: string }, Tree>(
  operands: readonly Operand<Sign, Tree>[],
  operators: readonly Operator[],
  builder: Builder<Sign, Operator, Tree>,
): Tree {
  const trees: Tree[] = [];
  type Pending = { precedence: number; sign: Sign } | { precedence: number; operator: Operator };
  const pending: Pending[] = [];

  const push = (operand: Operand<Sign, Tree>): void => {
    for (const sign of operand.signs) pending.push({ precedence: UNARY_PRECEDENCE, sign });
    trees.push(operand.tree);
  };
  const reduceWhile = (holds: (precedence: number) => boolean): void => {
    while (pending.length > 0 && holds(pending.at(-1).precedence)) {
      const top = pending.pop()!;
      const right = trees.pop()!;
      if ("sign" in top) trees.push(builder.unary(top.sign, right));
      else trees.push(builder.binary(top.operator, trees.pop()!, right));
    }
  };

  push(operands[0]!);
  for (const [i, operator] of operators.entries()) {
    const precedence = PRECEDENCE[operator.op]!;
    const bindsRight = operator.op === "^";
    reduceWhile((top) => top > precedence || (top === precedence && !bindsRight));
    pending.push({ precedence, operator });
    push(operands[i + 1]!);
  }
  reduceWhile(() => true);
  return trees[0]!;
}
