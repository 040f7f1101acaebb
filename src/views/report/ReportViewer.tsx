import { useEffect } from "react";
import { useActions, useAppState } from "../AppContext.tsx";
import { FailureNote } from "../shared/PanelParts.tsx";

export const REPORT_FRAME = "cryoloupe-report";

/** The printable page itself, as it is saved. */
export function ReportViewer() {
  const page = useAppState((s) => s.report.page);
  const failure = useAppState((s) => s.report.failure);
  const name = useAppState((s) => s.session.name);
  const { makeReport } = useActions();
  useEffect(() => {
    void makeReport();
  }, [makeReport]);
  return (
    <main className="column report-viewer" aria-label="Report">
      {failure !== null && <FailureNote failure={failure} onRetry={() => void makeReport()} />}
      {page === null ? (
        failure === null && (
          <p className="caption report-making" role="status">
            Writing the report.
          </p>
        )
      ) : (
        // No script runs in the page: it has none, and the frame allows none.
        <iframe
          name={REPORT_FRAME}
          title={`Report of ${name}`}
          sandbox="allow-same-origin allow-modals"
          srcDoc={page.html}
        />
      )}
    </main>
  );
}
