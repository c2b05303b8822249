/** Does one thing after the other until the server is gone. */
export async function untilGone(step: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await step();
    } catch (error) {
      // What fetch says when the other end was killed.
      if (error instanceof TypeError) return;
      throw error;
    }
  }
}
