import type { BackendChoice, BackendInfo } from "#workers/contracts.ts";
import type { Outcome } from "#src/domain/session.ts";
import type { ActionContext } from "./context.ts";

export interface BackendActions {
  /** Starts the compute worker; the chip in the top bar shows the answer. */
  readonly startBackend: () => Promise<void>;
  readonly setBudget: (bytes: number) => Promise<void>;
}

export function createBackendActions(
  { store, client, update, log }: ActionContext,
  choice: BackendChoice,
): BackendActions {
  const show = (outcome: Outcome<BackendInfo>): void => {
    if (outcome.ok) {
      update("backend", () => ({ info: outcome.value, failure: null }));
      log(`Backend: ${outcome.value.kind}, ${outcome.value.name}. ${outcome.value.reason}`);
    } else {
      update("backend", () => ({ info: null, failure: outcome.failure }));
      log(outcome.failure.message, { level: "error" });
    }
  };
  client.onRestart((failure, info) => {
    log(failure.message, { level: "warning" });
    show(info);
  });
  const start = async (): Promise<void> => {
    const { budgetBytes, capabilities } = store.getState().backend;
    const hint = capabilities.webgpuHint ?? "";
    show(await client.start({ backend: choice, budgetBytes, poolSize: 0, hint }));
  };
  return {
    startBackend: start,
    setBudget: async (bytes) => {
      update("backend", () => ({ budgetBytes: bytes }));
      localStorage.setItem("cryoloupe.budgetBytes", String(bytes));
      await start();
    },
  };
}
