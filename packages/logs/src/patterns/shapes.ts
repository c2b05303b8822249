/**
 * Shapes: what is left of a line when all that surely varies is taken out of it. Millions of lines have
 * thousands of shapes; patterns are made of shapes.
 */
import { SHAPES_MAX, SKELETON_CHARS_MAX } from "../limits.ts";
import { skeletonOf } from "./skeleton.ts";
import { tokenize, WILDCARD } from "./tokens.ts";

export interface Shape {
  readonly tokens: readonly string[];
  /** The blanks before each token, and those at the line's end. */
  readonly gaps: readonly string[];
  /** A line that has it. */
  readonly example: string;
  lines: number;
}

/** Once there are SHAPES_MAX shapes, lines of others are all taken for this one. */
const OTHER: Omit<Shape, "lines"> = { tokens: [WILDCARD], gaps: ["", ""], example: "" };

export class ShapeTable {
  readonly #byKey = new Map<string, Shape>();
  readonly #bySkeleton = new Map<string, Shape>();
  /** Characters of the skeletons that are kept. */
  #skeletonChars = 0;
  #other: Shape | undefined;

  /** The shape of a line, counted. */
  add(line: string): Shape {
    const skeleton = skeletonOf(line);
    let shape = this.#bySkeleton.get(skeleton);
    if (shape === undefined) {
      shape = this.#shapeOf(line);
      if (this.#skeletonChars + skeleton.length <= SKELETON_CHARS_MAX) {
        this.#skeletonChars += skeleton.length;
        this.#bySkeleton.set(skeleton, shape);
      }
    }
    shape.lines++;
    return shape;
  }

  #shapeOf(line: string): Shape {
    const tokens: string[] = [];
    const gaps: string[] = [];
    let at = 0;
    for (const { text, start, end } of tokenize(line)) {
      gaps.push(line.slice(at, start));
      tokens.push(text);
      at = end;
    }
    gaps.push(line.slice(at));
    const key = `${tokens.join("\u0000")}\u0001${gaps.join("\u0000")}`;
    let shape = this.#byKey.get(key);
    if (shape === undefined) {
      if (this.#byKey.size >= SHAPES_MAX) shape = this.#other ??= { ...OTHER, lines: 0 };
      else this.#byKey.set(key, (shape = { tokens, gaps, example: line, lines: 0 }));
    }
    return shape;
  }

  get all(): readonly Shape[] {
    const shapes = [...this.#byKey.values()];
    return this.#other === undefined ? shapes : [...shapes, this.#other];
  }
}
