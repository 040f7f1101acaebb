import { Button } from "@mantine/core";
import { acceptedRows } from "#src/state/overviewModel.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { SubTabs } from "../shared/PanelParts.tsx";
import { integer } from "../shared/format.ts";
import { useShortcuts } from "../shared/useShortcuts.ts";
import { PlanTab } from "./PlanTab.tsx";
import { ThresholdsTab } from "./ThresholdsTab.tsx";

const TABS = [
  { id: "thresholds", title: "Thresholds" },
  { id: "plan", title: "Run plan" },
] as const;

export function OverviewPanel() {
  const tab = useAppState((s) => s.overview.tab);
  const accepted = useAppState((s) => acceptedRows(s).length);
  const { setOverview, undoOverview, openWorkspace, exportAccepted } = useActions();
  useShortcuts({ "Ctrl+z": undoOverview });
  return (
    <aside className="column panel overview-panel" aria-label="Thresholds and run plan">
      <SubTabs
        label="Overview"
        tabs={TABS}
        current={tab}
        onChange={(id) => setOverview({ tab: id })}
      />
      <div className="panel-body" role="tabpanel" aria-label={tab} tabIndex={0}>
        {tab === "thresholds" ? <ThresholdsTab /> : <PlanTab />}
      </div>
      <div className="panel-foot">
        <Button disabled={accepted === 0} onClick={() => void exportAccepted()}>
          Export {integer(accepted)} accepted
        </Button>
        <Button variant="default" onClick={() => openWorkspace("report")}>
          Report
        </Button>
      </div>
    </aside>
  );
}
