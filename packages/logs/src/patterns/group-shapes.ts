/**
 * Puts shapes that one statement of a program wrote into one group.
 *
 * Of shapes with as many tokens, those belong together that share a backbone: the largest set of a line's
 * words that occur equally often in their places, for the words of one statement do, while its variables
 * are rarer. In a column beside the backbone a few different words are words that tell statements apart,
 * many are a variable.
 *
 *     open  conn  to  alice     backbone: open conn to (3 each)
 *     open  conn  to  bob       last column: a variable, once it has more than BRANCHES_MAX words
 *     shut  conn  of  carol     backbone: shut conn of
 */
import type { Shape } from "./shapes.ts";
import { WILDCARD } from "./tokens.ts";

/** Different words in a column up to which they tell statements apart. */
const BRANCHES_MAX = 5;
/** A backbone's words occur at least this often, as a part of the line's most frequent word. */
const FREQUENCY_PART_MIN = 0.3;

export function groupShapes(shapes: readonly Shape[]): readonly (readonly Shape[])[] {
  const byLength = gather(shapes, ({ tokens }) => String(tokens.length));
  return byLength.flatMap((same) => {
    const frequencies = countWords(same);
    const families = new Map<string, { frequency: number; members: Shape[] }>();
    for (const shape of same) {
      const backbone = backboneOf(shape, frequencies);
      const key = backbone.places.map((place) => `${place}:${shape.tokens[place]!}`).join("\u0000");
      const family = families.get(`${backbone.frequency} ${key}`);
      if (family !== undefined) family.members.push(shape);
      else families.set(`${backbone.frequency} ${key}`, { frequency: backbone.frequency, members: [shape] });
    }
    return [...families.values()].flatMap(({ frequency, members }) => split(members, frequency, frequencies));
  });
}

type Frequencies = readonly ReadonlyMap<string, number>[];

function countWords(shapes: readonly Shape[]): Frequencies {
  const frequencies = shapes[0]!.tokens.map(() => new Map<string, number>());
  for (const { tokens, lines } of shapes) {
    tokens.forEach((token, place) =>
      frequencies[place]!.set(token, (frequencies[place]!.get(token) ?? 0) + lines),
    );
  }
  return frequencies;
}

function backboneOf(
  { tokens }: Shape,
  frequencies: Frequencies,
): { frequency: number; places: readonly number[] } {
  const placesOf = new Map<number, number[]>();
  let highest = 0;
  tokens.forEach((token, place) => {
    if (!/\p{L}/u.test(token)) return;
    const frequency = frequencies[place]!.get(token)!;
    highest = Math.max(highest, frequency);
    const places = placesOf.get(frequency);
    if (places === undefined) placesOf.set(frequency, [place]);
    else places.push(place);
  });
  let best: { frequency: number; places: readonly number[] } = { frequency: 0, places: [] };
  for (const [frequency, places] of placesOf) {
    if (frequency < highest * FREQUENCY_PART_MIN) continue;
    const isLonger = places.length > best.places.length;
    if (isLonger || (places.length === best.places.length && frequency > best.frequency)) {
      best = { frequency, places };
    }
  }
  return best;
}

function split(members: readonly Shape[], frequency: number, frequencies: Frequencies): Shape[][] {
  const telling: number[] = [];
  members[0]!.tokens.forEach((_, place) => {
    const words = new Set(members.map(({ tokens }) => tokens[place]!));
    const isFew = words.size > 1 && words.size <= BRANCHES_MAX && !words.has(WILDCARD);
    // Words that are more frequent than the backbone belong to other statements too: here they vary.
    const isRarer = [...words].some((word) => frequencies[place]!.get(word)! <= frequency);
    if (isFew && isRarer) telling.push(place);
  });
  return gather(members, ({ tokens }) => telling.map((place) => tokens[place]!).join("\u0000"));
}

function gather(shapes: readonly Shape[], keyOf: (shape: Shape) => string): Shape[][] {
  const groups = new Map<string, Shape[]>();
  for (const shape of shapes) {
    const key = keyOf(shape);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [shape]);
    else group.push(shape);
  }
  return [...groups.values()];
}
