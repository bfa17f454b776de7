/**
 * Asks again until an answer satisfies a condition; rejects with the last answer when it does not
 * come true within the bound. For conditions that no event announces.
 */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  satisfied: (answer: T) => boolean,
  boundSeconds = 30,
): Promise<T> {
  const deadline = performance.now() + boundSeconds * 1000;
  for (;;) {
    const answer = await ask();
    if (satisfied(answer)) return answer;
    if (performance.now() > deadline)
      throw new Error(`not satisfied within ${boundSeconds} s: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}
