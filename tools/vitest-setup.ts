/** Runs once before any test: what tests load must have been built. */
import { buildKernels } from "./build-kernels.ts";

export default async function setup(): Promise<void> {
  await buildKernels();
}
