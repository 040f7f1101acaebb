import { expect } from "vitest";

interface Tolerance {
  readonly atol?: number;
  readonly rtol?: number;
}

declare module "vitest" {
  interface Matchers<T> {
    /** Every element within atol + rtol·|expected|; NaN never matches. */
    toBeAllclose(expected: ArrayLike<number>, tolerance?: Tolerance): T;
  }
}

expect.extend({
  toBeAllclose(
    received: ArrayLike<number>,
    expected: ArrayLike<number>,
    { atol = 0, rtol = 0 }: Tolerance = {},
  ) {
    if (received.length !== expected.length)
      return {
        pass: false,
        message: () => `length ${received.length} instead of ${expected.length}`,
      };
    let worst = -1;
    let worstExcess = 0;
    for (let i = 0; i < received.length; i++) {
      const excess = Math.abs(received[i] - expected[i]) - (atol + rtol * Math.abs(expected[i]));
      if (!(excess <= worstExcess)) {
        worst = i;
        worstExcess = excess;
        if (Number.isNaN(excess)) break;
      }
    }
    return {
      pass: worst < 0,
      message: () =>
        worst < 0
          ? "all elements are close"
          : `element ${worst}: ${received[worst]} instead of ${expected[worst]} (atol ${atol}, rtol ${rtol})`,
    };
  },
});
