/**
 * Validators of parameters, each compiled with the first request that needs it: compiling them all takes as
 * long as the rest of building the server, and most routes are never asked in the life of a process.
 */
import { AjvCompiler } from "@fastify/ajv-compiler";

type BuildCompiler = ReturnType<typeof AjvCompiler>;
type Validator = ReturnType<ReturnType<BuildCompiler>>;

/** For Fastify's `compilersFactory.buildValidator`; what a validator says is what Fastify's own would. */
export function lazyValidators(): BuildCompiler {
  const build = AjvCompiler();
  return (externalSchemas, options) => (schema) => {
    let compiled: Validator | undefined;
    // Of what a validator can be asked, Fastify asks these two.
    const validate: { (data: unknown): unknown; errors?: Validator["errors"] } = (data) => {
      compiled ??= build(externalSchemas, options)(schema);
      const answer: unknown = compiled(data);
      validate.errors = compiled.errors;
      return answer;
    };
    return validate as Validator;
  };
}
