/**
 * Answers questions that come at about the same time by one run: while one is under way, those that come wait
 * for the next. `run` gets at most `most` of them and gives as many answers, in their order; what it throws all of
 * them get.
 */
export function coalesced<Q, A>(
  most: number,
  run: (questions: readonly Q[]) => Promise<readonly A[]>,
): (question: Q) => Promise<A> {
  type Waiting = { question: Q; resolve(answer: A): void; reject(error: unknown): void };
  const waiting: Waiting[] = [];
  let running = false;
  const goOn = async () => {
    running = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, most);
      try {
        const answers = await run(batch.map(({ question }) => question));
        for (const [i, { resolve }] of batch.entries()) resolve(answers[i] as A);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running = false;
  };
  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      if (running) return;
      running = true;
      setImmediate(goOn);
    });
}
