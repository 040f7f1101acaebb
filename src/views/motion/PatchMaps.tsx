import type { MotionReport } from "#src/domain/motionReport.ts";
import type { PatchMapId } from "#src/state/motionSlice.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice, IconButton } from "../shared/Choice.tsx";
import { Section } from "../shared/PanelParts.tsx";
import { Plot } from "../shared/Plot.tsx";
import { fixed, integer } from "../shared/format.ts";
import { viridis } from "./viridis.ts";

/** Width that a map may take in the panel, and the largest side of a cell, screen px. */
const MAP_WIDTH = 416;
const CELL = 30;
/** Narrower cells carry no number. */
const CELL_FOR_TEXT = 26;

interface CellMap {
  readonly id: PatchMapId;
  readonly label: string;
  readonly caption: string;
  readonly columns: number;
  readonly values: readonly number[];
  /** "" where the values are shares. */
  readonly unit: "px" | "";
}

function countColumns(y: readonly number[]): number {
  const end = y.findIndex((v) => v !== y[0]);
  return end < 0 ? y.length : end;
}

/** The maps that a result has. */
function mapsOf(report: MotionReport): CellMap[] {
  const { diagnostics: d, tracks } = report;
  const maps: CellMap[] = [];
  if (d !== null && d.patchResidualPx.length > 0)
    maps.push({
      id: "residuals",
      label: "Residuals",
      caption: "patch against field, rms over frames, px",
      columns: countColumns(d.patchY),
      values: d.patchResidualPx,
      unit: "px",
    });
  const trust = d?.patchTrust ?? [];
  if (d !== null && trust.some((share) => share < 1))
    maps.push({
      id: "trust",
      label: "Trust",
      caption: "share of each patch that counts: less where it does not follow the field of all",
      columns: countColumns(d.patchY),
      values: trust,
      unit: "",
    });
  if (report.localRmsPx > 0)
    maps.push({
      id: "field",
      label: "Field",
      caption: "local motion, rms over frames, px",
      columns: countColumns(tracks.map((track) => track.y)),
      values: tracks.map((track) => track.localRmsPx),
      unit: "px",
    });
  if (d !== null && d.errorPx.length > 0)
    maps.push({
      id: "error",
      label: "Expected error",
      caption: "of the field, both axes, rms over frames, px",
      columns: d.errorX.length,
      values: d.errorPx,
      unit: "px",
    });
  return maps;
}

/** Residuals, field and its error over the micrograph; a patch that is chosen shows its residual over time. */
export function PatchMaps({ report }: { report: MotionReport }) {
  const { patch, patchMap } = useAppState((s) => s.motion);
  const { setMotionView } = useActions();
  const maps = mapsOf(report);
  if (maps.length === 0) return null;
  const map = maps.find(({ id }) => id === patchMap) ?? maps[0];
  const choose =
    map.id === "residuals" || map.id === "trust"
      ? (k: number): void => setMotionView({ patch: k, overlay: "residuals" })
      : null;
  return (
    <Section title="Maps" caption={map.caption}>
      <div className="form-row">
        <Choice
          label="Map"
          value={map.id}
          options={maps.map(({ id, label }) => ({ value: id, label }))}
          onChange={(value) => setMotionView({ patchMap: value })}
        />
      </div>
      <CellMapPicture map={map} chosen={choose === null ? null : patch} onChoose={choose} />
      {choose !== null && <ResidualOfPatch report={report} />}
    </Section>
  );
}

function CellMapPicture({
  map,
  chosen,
  onChoose,
}: {
  map: CellMap;
  chosen: number | null;
  readonly onChoose: ((cell: number) => void) | null;
}) {
  const { columns, values } = map;
  const known = values.filter((v) => Number.isFinite(v));
  const largest = Math.max(1e-9, ...known);
  const rows = Math.ceil(values.length / columns);
  const cell = Math.min(CELL, Math.floor(MAP_WIDTH / columns));
  const place = (k: number): { x: number; y: number } => ({
    x: (k % columns) * cell,
    y: Math.floor(k / columns) * cell,
  });
  return (
    <svg
      className="error-map"
      data-testid={`map-${map.id}`}
      width={columns * cell}
      height={rows * cell}
      viewBox={`0 0 ${columns * cell} ${rows * cell}`}
      role="img"
      aria-label={`${map.label} (${map.caption}) between ${fixed(Math.min(...known), 3)} and ${fixed(largest, 3)} ${map.unit} over the micrograph`}
    >
      {values.map((value, k) => {
        const { x, y } = place(k);
        const share = Number.isFinite(value) ? value / largest : 0;
        return (
          <g
            key={k}
            transform={`translate(${x} ${y})`}
            {...(onChoose === null
              ? {}
              : { onClick: () => onChoose(k), style: { cursor: "pointer" } })}
          >
            <rect width={cell} height={cell} fill={viridis(share)} />
            {cell >= CELL_FOR_TEXT && (
              <text
                x={cell / 2}
                y={cell / 2 + 3.5}
                textAnchor="middle"
                fill={share > 0.6 ? "#161b22" : "#ffffff"}
              >
                {value.toFixed(2).replace(/^0/, "")}
              </text>
            )}
          </g>
        );
      })}
      {chosen !== null && chosen < values.length && (
        <rect
          x={place(chosen).x + 1}
          y={place(chosen).y + 1}
          width={cell - 2}
          height={cell - 2}
          fill="none"
          stroke="#fff"
          strokeWidth={2}
        />
      )}
    </svg>
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
            ? `Patch ${integer(patch + 1)} of ${integer(count)} about ${integer(Math.round(d.patchX[patch]))}, ${integer(Math.round(d.patchY[patch]))} px: ${fixed(d.patchResidualPx[patch], 3)} px${share < 1 ? `, counted at ${integer(Math.round(100 * share))} %` : ""}`
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
  return (
    <Plot
      name={`${report.name}_patch_${patch + 1}_residual`}
      summary={`Residual of patch ${patch + 1} of ${report.name} along x and y over frames.`}
      xTitle="frame"
      yTitle="residual, px"
      height={150}
      series={[
        { name: "x", kind: "line", colour: "--series-x", x: along, y: x[patch] },
        { name: "y", kind: "line", colour: "--series-y", dash: true, x: along, y: y[patch] },
      ]}
      labels={[
        { x: along[last], y: x[patch][last], text: " x", colour: "--series-x", strong: true },
        { x: along[last], y: y[patch][last], text: " y", colour: "--series-y", strong: true },
      ]}
    />
  );
}
