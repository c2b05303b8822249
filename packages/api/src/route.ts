/**
 * What a route is: method, path, the shape of its parameters and of its answer. Written once, used by the
 * server to validate and by the page to type what it fetches.
 */
import type { Static, TObject, TSchema } from "typebox";

export interface Route<Params extends TObject = TObject, Answer extends TSchema = TSchema> {
  /**
   * Methods it answers. Where POST stands beside GET, parameters may come as a form body, in the URL, or
   * both.
   */
  readonly methods: readonly ("GET" | "POST" | "PUT" | "DELETE")[];
  /** As fastify writes it: `:name` for a variable part, `*` for all that follows. */
  readonly path: string;
  /** Other paths that do the same. */
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly params: Params;
  readonly answer: Answer;
  /** Media type of a good answer; JSON by default. */
  readonly answerType?: string;
  /** Status of a good answer; 200 by default. */
  readonly answerStatus?: 200 | 204;
  /** Media types of a body that is not a form of parameters. */
  readonly bodyTypes?: readonly string[];
}

export function defineRoute<Params extends TObject, Answer extends TSchema>(
  route: Route<Params, Answer>,
): Route<Params, Answer> {
  return route;
}

export type ParamsOf<R extends Route> = Static<R["params"]>;
export type AnswerOf<R extends Route> = Static<R["answer"]>;
