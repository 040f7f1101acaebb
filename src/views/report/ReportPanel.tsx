import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import { REPORT_PARTS, REPORT_PART_TITLES } from "#src/domain/records/sessionReport.ts";
import { allRows } from "#src/state/overviewModel.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Icon } from "../shared/Icon.tsx";
import { Section } from "../shared/PanelParts.tsx";
import { counted } from "../shared/format.ts";
import { REPORT_FRAME } from "./ReportViewer.tsx";

function Methods() {
  const page = useAppState((s) => s.report.page);
  const [copied, setCopied] = useState("");
  if (page === null) return null;
  const text = [page.methods, ...page.references].join("\n");
  return (
    <Section title="Methods sentence">
      <p className="report-methods">{page.methods}</p>
      {page.references.map((line) => (
        <p key={line} className="caption report-reference">
          {line}
        </p>
      ))}
      <Button
        variant="default"
        leftSection={<Icon name="copy" size={14} />}
        onClick={() =>
          void navigator.clipboard.writeText(text).then(
            () => setCopied(text),
            () => setCopied(""),
          )
        }
      >
        {copied === text ? "Copied" : "Copy"}
      </Button>
    </Section>
  );
}

/** Saves and prints the page, and chooses its parts. */
export function ReportPanel() {
  const leaveOut = useAppState((s) => s.report.leaveOut);
  const page = useAppState((s) => s.report.page);
  const making = useAppState((s) => s.report.making);
  const total = useAppState((s) => allRows(s).length);
  const { setReportPart, saveReport, makeReport } = useActions();
  const print = (): void => {
    const frame = document.querySelector<HTMLIFrameElement>(`iframe[name="${REPORT_FRAME}"]`);
    frame?.contentWindow?.focus();
    frame?.contentWindow?.print();
  };
  return (
    <aside className="column panel" aria-label="Report settings">
      <div className="panel-body" tabIndex={0} role="group" aria-label="Report settings">
        <div className="panel-head">
          <h1>Report</h1>
          <span className="spacer" />
          <Button variant="default" loading={making} onClick={() => void makeReport()}>
            Bring up to date
          </Button>
        </div>
        <p className="caption report-note">
          {total === 0 ? "As" : `Of ${counted(total, "movie")}, as`} the session stands. One file
          with everything in it; it opens in any browser and prints on A4.
        </p>
        <Section title="Parts">
          <div className="report-parts">
            {REPORT_PARTS.map((part) => (
              <Checkbox
                key={part}
                label={REPORT_PART_TITLES[part]}
                checked={!leaveOut.includes(part)}
                onChange={(event) => setReportPart(part, event.currentTarget.checked)}
              />
            ))}
          </div>
        </Section>
        <Methods />
      </div>
      <div className="panel-foot">
        <Button disabled={page === null} onClick={saveReport}>
          Save HTML
        </Button>
        <Button variant="default" disabled={page === null} onClick={print}>
          Print
        </Button>
      </div>
    </aside>
  );
}
