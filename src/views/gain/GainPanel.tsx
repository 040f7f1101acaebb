import { Button, Menu } from "@mantine/core";
import { PART_NAMES } from "#src/domain/gainParts.ts";
import type { StatusKind } from "#src/domain/session.ts";
import type { GainExport } from "#src/state/gainExport.ts";
import { COMBINED } from "#src/state/gainSlice.ts";
import { selectedFile } from "#src/state/sessionState.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice } from "../shared/Choice.tsx";
import { Icon } from "../shared/Icon.tsx";
import { HeaderWarnings, SubTabs } from "../shared/PanelParts.tsx";
import { gainTabs } from "./gainTabs.ts";
import { shownReport } from "./gainSelect.ts";
import { partTitles } from "./gainText.ts";

const exportsOffered: readonly { readonly what: GainExport; readonly title: string }[] = [
  { what: "C", title: "Correction C, MRC (multiply)" },
  { what: "G", title: "Pixel gain G, MRC (divide)" },
  { what: "bad", title: "Bad pixels, MRC" },
  { what: "png", title: "Picture of G, PNG" },
  { what: "csv", title: "Statistics, CSV" },
  { what: "json", title: "All numbers with provenance, JSON" },
  { what: "summary", title: "summary.txt" },
  { what: "defects", title: "Bad pixels, text for MotionCor2 and RELION" },
  { what: "monitor", title: "Monitor's line, summaryForMonitor.txt" },
];

export function GainPanel() {
  const tab = useAppState((s) => s.gain.tab);
  const report = useAppState(shownReport);
  const file = useAppState((s) => selectedFile(s.session));
  const combined = useAppState((s) => s.gain.reports[COMBINED] !== undefined);
  const scope = useAppState((s) => s.gain.scope);
  const picture = useAppState((s) => s.gain.picture);
  const running = useAppState((s) => s.runs.active !== null);
  // One text, so that the panel is drawn again when a mark changes and only then.
  const marks = useAppState((s) => gainTabs.map((t) => t.mark?.(s) ?? "").join(",")).split(",");
  const { setGainView, exportGain, estimateGain, estimateAllGains } = useActions();
  const part =
    report?.structure == null ? undefined : PART_NAMES.find((p) => picture === `part-${p}`);
  const { Body } = gainTabs.find(({ id }) => id === tab) ?? gainTabs[0];
  return (
    <aside className="column panel" aria-label="Gain">
      <div className="panel-head">
        <h1>Gain</h1>
        <span className="spacer" />
        {combined && (
          <Choice
            label="Estimate shown"
            value={scope}
            options={[
              { value: "movie", label: "This movie" },
              { value: "combined", label: "All" },
            ]}
            onChange={(value) => setGainView({ scope: value })}
          />
        )}
        {report !== null && (
          <>
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default" aria-label="Export">
                  <Icon name="download" size={14} />
                  <span className="hide-narrow head-word">Export</span>
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {exportsOffered.map(({ what, title }) => (
                  <Menu.Item key={what} onClick={() => void exportGain(report.id, what)}>
                    {title}
                  </Menu.Item>
                ))}
                {part !== undefined && (
                  <Menu.Item onClick={() => void exportGain(report.id, `part-${part}`)}>
                    Picture of the part shown ({partTitles[part].toLowerCase()}), PNG
                  </Menu.Item>
                )}
              </Menu.Dropdown>
            </Menu>
            <Button
              variant="default"
              aria-label="Run again"
              disabled={running || file?.kind !== "movie"}
              onClick={() => void (report.id === COMBINED ? estimateAllGains() : estimateGain())}
            >
              <span className="only-narrow">
                <Icon name="play" size={14} />
              </span>
              <span className="hide-narrow">Run again</span>
            </Button>
            <Button onClick={() => void exportGain(report.id, "C")}>Save gain</Button>
          </>
        )}
      </div>
      <SubTabs
        label="Gain"
        current={tab}
        tabs={gainTabs.map(({ id, title }, i) => ({
          id,
          title,
          mark: marks[i] === "" ? null : (marks[i] as StatusKind),
        }))}
        onChange={(id) => setGainView({ tab: id })}
      />
      <div key={tab} className="panel-body" role="tabpanel" tabIndex={0} aria-label={tab}>
        <HeaderWarnings file={file} />
        <Body />
      </div>
    </aside>
  );
}
