import { saveFiles } from "#src/platform/saveFiles.ts";
import type { ActionContext } from "./context.ts";
import { acceptedRows } from "./overviewModel.ts";

export interface ReportActions {
  /** Tables of the accepted movies, as RELION, Xmipp, spreadsheets and scripts read them: one zip. */
  readonly exportAccepted: () => Promise<void>;
}

export function createReportActions({ store, client, log }: ActionContext): ReportActions {
  return {
    exportAccepted: async () => {
      const state = store.getState();
      const rows = acceptedRows(state);
      const pixelSizeA = Object.fromEntries(
        state.session.files.map(({ id, header }) => [id, header?.pixelSizeA ?? null]),
      );
      const optics = {
        gain: state.protocol.final === null ? null : "gain/final_gain.mrc",
        pixelSizeA,
        voltageKv: state.motion.parameters.voltageKv,
      };
      const outcome = await client.call((api) => api.report.movieTables(rows, optics));
      if (outcome.ok) await saveFiles(outcome.value, "accepted_movies.zip");
      else log(outcome.failure.message, { level: "error" });
    },
  };
}
