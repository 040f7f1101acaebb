/** Lets at most `size` pieces of work run at a time; the others wait in the order of their calls. */
export function createGate(size: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= size) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      // The place goes to the next in line without being given up in between.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
