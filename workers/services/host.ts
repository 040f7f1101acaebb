import type { HostApi } from "#workers/contracts.ts";
import type { HostControl } from "#workers/host.ts";

export function createHostService(host: HostControl): HostApi {
  return {
    start: (options) => host.start(options),
    cancel: (runId) => {
      host.cancel(runId);
      return Promise.resolve();
    },
    loseDevice: () => host.loseDevice(),
  };
}
