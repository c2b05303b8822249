/** The pauses of a loop, which somebody else can cut short. */
export class Pacer {
  #end: (() => void) | undefined;
  #isWoken = false;

  /**
   * Resolves after the time, or as soon as `wake` is called; at once if it was called since the last pause.
   */
  async wait(ms: number): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#end = undefined;
    this.#isWoken = false;
  }

  wake(): void {
    this.#isWoken = true;
    this.#end?.();
  }
}
