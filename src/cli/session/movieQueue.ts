/** Work that lanes take from while more of it arrives. */
export interface MovieQueue<T> {
  put(items: readonly T[]): void;
  /** No more will come. */
  close(): void;
  /** The next item, or null when the queue is closed and empty. */
  take(): Promise<T | null>;
}

export function createMovieQueue<T>(): MovieQueue<T> {
  const items: T[] = [];
  const waiting: ((item: T | null) => void)[] = [];
  let closed = false;
  const serve = (): void => {
    while (waiting.length > 0) {
      if (items.length > 0) waiting.shift()?.(items.shift() ?? null);
      else if (closed) waiting.shift()?.(null);
      else return;
    }
  };
  return {
    put: (more) => {
      items.push(...more);
      serve();
    },
    close: () => {
      closed = true;
      serve();
    },
    take: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        serve();
      }),
  };
}
