import { CryoloupeError } from "#src/domain/errors.ts";
import type { StepContext } from "./stepContext.ts";

const again = new Set(["device-lost", "out-of-memory"]);

/**
 * Runs a step; when the graphics device is lost or out of memory in the middle, once more on a fresh
 * device with half the budget. A second loss, or none to be had, is a failure that says so.
 */
export async function withRecovery<T>(context: StepContext, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof CryoloupeError) || !again.has(error.code)) throw error;
    context.log?.(`${error.message} Starting this step again on a fresh device.`);
    if (!(await context.backend.recover()))
      throw new CryoloupeError(
        error.code,
        `${error.message} No fresh device could be had; reload, or choose the CPU backend.`,
        { cause: error },
      );
    try {
      return await step();
    } catch (second) {
      if (!(second instanceof CryoloupeError) || !again.has(second.code)) throw second;
      throw new CryoloupeError(
        second.code,
        `${second.message} It happened twice in this step; choose the CPU backend or lower the memory budget.`,
        { cause: second },
      );
    }
  }
}
