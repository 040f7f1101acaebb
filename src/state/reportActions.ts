import type { Failure } from "#src/domain/errors.ts";
import type { ReportPart } from "#src/domain/records/sessionReport.ts";
import { saveFiles } from "#src/platform/saveFiles.ts";
import type { ReportPage } from "#workers/sessionContracts.ts";
import type { ActionContext } from "./context.ts";
import { gainAppliedIn } from "./gainApplied.ts";
import { acceptedRows } from "./overviewModel.ts";
import { gainForReport, reportData } from "./reportData.ts";
import type { KeptReports } from "./reportData.ts";
import type { createReportPictures } from "./reportPictures.ts";
import { saveText } from "./saving.ts";

/** The report workspace: the page as it would be saved, and what is left out of it. */
export interface ReportState {
  readonly leaveOut: readonly ReportPart[];
  /** null = not made yet. */
  readonly page: ReportPage | null;
  readonly making: boolean;
  readonly failure: Failure | null;
}

export const initialReport: ReportState = {
  leaveOut: [],
  page: null,
  making: false,
  failure: null,
};

export interface ReportActions {
  /** Makes the page of the session as it stands now. */
  readonly makeReport: () => Promise<void>;
  readonly setReportPart: (part: ReportPart, on: boolean) => void;
  readonly saveReport: () => void;
  /** Tables of the accepted movies, as RELION, Xmipp, spreadsheets and scripts read them: one zip. */
  readonly exportAccepted: () => Promise<void>;
}

export function createReportActions(
  { store, client, update, log }: ActionContext,
  kept: KeptReports,
  picturesOf: ReturnType<typeof createReportPictures>,
): ReportActions {
  let turn = 0;
  const makeReport = async (): Promise<void> => {
    const mine = ++turn;
    update("report", () => ({ making: true, failure: null }));
    const state = store.getState();
    const { leaveOut } = state.report;
    const estimate = await gainForReport(state, kept);
    const shown = leaveOut.includes("pictures") ? [] : await picturesOf(state, estimate);
    const data = reportData(store.getState(), shown, leaveOut, estimate);
    const outcome = await client.call((api) => api.report.make(data));
    // A later wish is on its way.
    if (mine !== turn) return;
    update("report", () =>
      outcome.ok
        ? { page: outcome.value, making: false }
        : { failure: outcome.failure, making: false },
    );
  };
  return {
    makeReport,
    setReportPart: (part, on) => {
      update("report", ({ leaveOut }) => ({
        leaveOut: on ? leaveOut.filter((other) => other !== part) : [...leaveOut, part],
      }));
      void makeReport();
    },
    saveReport: () => {
      const { report, session } = store.getState();
      if (report.page === null) return;
      const name = session.name.replace(/[^\p{L}\p{N}._-]+/gu, "_").replace(/^_+|_+$/g, "");
      saveText(
        `${name === "" ? "session" : name}_report.html`,
        report.page.html,
        "text/html;charset=utf-8",
      );
    },
    exportAccepted: async () => {
      const state = store.getState();
      const rows = acceptedRows(state);
      const pixelSizeA = Object.fromEntries(
        state.session.files.map(({ id, header }) => [id, header?.pixelSizeA ?? null]),
      );
      const optics = {
        // What micrographs were not made with is named for no other program.
        gain:
          state.protocol.final === null || gainAppliedIn(state).source === "none"
            ? null
            : "gain/final_gain.mrc",
        pixelSizeA,
        voltageKv: state.motion.parameters.voltageKv,
      };
      const outcome = await client.call((api) => api.report.movieTables(rows, optics));
      if (outcome.ok) await saveFiles(outcome.value, "accepted_movies.zip");
      else log(outcome.failure.message, { level: "error" });
    },
  };
}
