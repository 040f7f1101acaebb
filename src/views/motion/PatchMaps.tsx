import { useState } from "react";
import type { MotionReport } from "#src/domain/motionReport.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice, IconButton } from "../shared/Choice.tsx";
import { Section } from "../shared/PanelParts.tsx";
import { Plot } from "../shared/Plot.tsx";
import { fixed, integer } from "../shared/format.ts";
import { CellMapPicture } from "./CellMapPicture.tsx";
import { cellMapsOf, cellText } from "./cellMaps.ts";
import { padded, twoLabels } from "./plotRanges.ts";
import { Term } from "./Term.tsx";

/** Residuals, trust, field and its error over the micrograph; a patch that is chosen shows its residual over time. */
export function PatchMaps({ report }: { report: MotionReport }) {
  const { patch, patchMap } = useAppState((s) => s.motion);
  const { setMotionView } = useActions();
  const [pointed, setPointed] = useState<number | null>(null);
  const [place, setPlace] = useState<number | null>(null);
  const maps = cellMapsOf(report);
  if (maps.length === 0) return null;
  const map = maps.find(({ id }) => id === patchMap) ?? maps[0];
  const ofPatches = map.id === "residuals" || map.id === "trust";
  const chosen = ofPatches ? patch : place;
  const told = pointed ?? chosen;
  return (
    <Section title="Maps" caption={map.caption}>
      <div className="form-row">
        <Choice
          label="Map"
          value={map.id}
          options={maps.map(({ id, label }) => ({ value: id, label }))}
          onChange={(value) => {
            setMotionView({ patchMap: value });
            setPointed(null);
            setPlace(null);
          }}
        />
      </div>
      <CellMapPicture
        map={map}
        movie={report}
        chosen={chosen}
        onPoint={setPointed}
        onChoose={(k) => {
          if (ofPatches) setMotionView({ patch: k, overlay: "residuals" });
          else setPlace(k);
        }}
      />
      <p className="caption map-reading" aria-live="polite" data-testid="map-reading">
        {told === null || told >= map.values.length
          ? "Point at a place for its value."
          : cellText(map, told)}{" "}
        <Term of={map.term}>What is this?</Term>
      </p>
      {ofPatches && <ResidualOfPatch report={report} />}
    </Section>
  );
}

/** The residual of one patch frame by frame; patches are chosen in the map, in the picture, or one by one. */
function ResidualOfPatch({ report }: { report: MotionReport }) {
  const patch = useAppState((s) => s.motion.patch);
  const { setMotionView } = useActions();
  const { diagnostics: d } = report;
  if (d === null) return null;
  const count = d.patchResidualPx.length;
  const step = (by: number): void =>
    setMotionView({
      patch: patch === null ? 0 : (patch + by + count) % count,
      overlay: "residuals",
    });
  const known = patch !== null && patch < count;
  const share = known ? (d.patchTrust?.[patch] ?? 1) : 1;
  return (
    <>
      <div className="row patch-choice">
        <IconButton icon="left" label="Patch before" onClick={() => step(-1)} />
        <span data-testid="patch-residual">
          {known
            ? `Patch ${integer(patch + 1)} of ${integer(count)} about ${integer(Math.round(d.patchX[patch]))}, ${integer(Math.round(d.patchY[patch]))} px: ${fixed(d.patchResidualPx[patch], 3)} px${share < 1 ? `, counted at ${integer(Math.round(100 * share))}\u00a0%` : ""}`
            : "Choose a patch in the map or in the picture."}
        </span>
        <IconButton icon="right" label="Next patch" onClick={() => step(1)} />
      </div>
      {known && <ResidualPlot report={report} patch={patch} />}
      <p className="caption">
        {report.chosen.estimator === "recipe"
          ? "How far the patch's own peak lies from the field, to first order, smoothed over nine frames."
          : "What the patch was measured to do, less the spline through all patches."}
      </p>
    </>
  );
}

function ResidualPlot({ report, patch }: { report: MotionReport; patch: number }) {
  const { diagnostics: d, frameIndices } = report;
  if (d === null) return null;
  const { frames, x, y } = d.residualTracks;
  const along = frames.map((t) => frameIndices[0] + t + 1);
  const last = along.length - 1;
  const yRange = padded([...x[patch], ...y[patch], 0]);
  return (
    <Plot
      name={`${report.name}_patch_${patch + 1}_residual`}
      summary={`Residual of patch ${patch + 1} of ${report.name} along x and y over frames.`}
      xTitle="frame"
      yTitle="residual, px"
      height={150}
      xRange={[along[0], along[last] + 0.05 * (along[last] - along[0])]}
      {...(yRange === null ? {} : { yRange })}
      series={[
        { name: "x", kind: "line", colour: "--series-x", x: along, y: x[patch] },
        { name: "y", kind: "line", colour: "--series-y", dash: true, x: along, y: y[patch] },
      ]}
      labels={twoLabels(along[last], x[patch][last], y[patch][last], yRange, 150)}
    />
  );
}
