import { Button } from "@mantine/core";
import { useMemo } from "react";
import {
  limitedMetrics,
  metricColumn,
  numberedRows,
  presentMetrics,
  thresholdsNow,
} from "#src/state/overviewModel.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice, IconButton } from "../shared/Choice.tsx";
import { LimitHistogram } from "./LimitHistogram.tsx";

export function ThresholdsTab() {
  const rows = useAppState(numberedRows);
  const { limits, combine } = useAppState(thresholdsNow);
  const canUndo = useAppState((s) => s.overview.undo.length > 0);
  const { undoOverview, defaultThresholds, changeThresholds } = useActions();
  const present = useMemo(() => presentMetrics(rows), [rows]);
  return (
    <>
      <div className="thresholds-head">
        <div className="row">
          <h1>Thresholds</h1>
          <span className="spacer" />
          <IconButton
            icon="undo"
            label="Undo"
            shortcut="Ctrl Z"
            disabled={!canUndo}
            onClick={undoOverview}
          />
          <Button variant="default" onClick={defaultThresholds}>
            Defaults
          </Button>
        </div>
        <p className="caption">
          Act at once, delete nothing. A choice by hand stands above them. Heights are square roots.
        </p>
      </div>
      {limitedMetrics(present, limits)
        .filter((id) => present.includes(id))
        .map((id) => (
          <LimitHistogram key={id} metric={id} values={metricColumn(rows, id)} limit={limits[id]} />
        ))}
      {present.length === 0 && (
        <p className="caption thresholds-none">
          Limits are drawn on the movies’ own numbers: they appear with the first results.
        </p>
      )}
      <div className="combine">
        <span>Combine</span>
        <Choice
          label="Combine"
          value={combine}
          options={[
            { value: "any", label: "any exceeded" },
            { value: "all", label: "all exceeded" },
          ]}
          onChange={(next) => changeThresholds({ combine: next })}
        />
      </div>
    </>
  );
}
