/**
 * The four types an expression can have. Apart from the tree, since the functions' signatures need only this.
 */
export type ValueType = "scalar" | "string" | "vector" | "matrix";
