import { Button, Slider } from "@mantine/core";
import { useEffect } from "react";
import type { MotionReport } from "#src/domain/motionReport.ts";
import type { PictureKey } from "#src/domain/picture.ts";
import type { MotionPicture } from "#src/state/motionSlice.ts";
import { selectedFile } from "#src/state/sessionState.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice } from "../shared/Choice.tsx";
import { ComparePictures } from "../shared/ComparePictures.tsx";
import { Icon } from "../shared/Icon.tsx";
import { Empty, FailureNote } from "../shared/PanelParts.tsx";
import { PictureViewer } from "../shared/PictureViewer.tsx";
import { fixed, integer } from "../shared/format.ts";
import { PatchResiduals, Trajectories } from "./Trajectories.tsx";
import { VIRIDIS_GRADIENT } from "./viridis.ts";
import { shownMotion } from "./motionSelect.ts";

const FRAMES_PER_SECOND = 12;

const stored = (id: string, name: string): PictureKey => ({
  kind: "stored",
  id: `motion/${id}/${name}`,
});

/** The micrograph with the motion over it, before against after, and the spectra large. */
export function MotionViewer() {
  const file = useAppState((s) => selectedFile(s.session));
  const report = useAppState(shownMotion);
  const picture = useAppState((s) => s.motion.picture);
  const frame = useAppState((s) => s.view.frame);
  if (report === null || file === null) {
    const header = file?.header ?? null;
    const index = Math.min(frame, (header?.frames ?? 1) - 1);
    return (
      <main className="column" aria-label="Picture">
        <PictureViewer
          pictureKey={
            file === null || header === null
              ? null
              : { kind: "frame", movie: file.id, frame: index }
          }
          name={`Frame ${integer(index + 1)}, ${file?.name ?? ""}`}
          caption={`Frame ${integer(index + 1)} of ${integer(header?.frames ?? 1)}, ${file?.name ?? ""}, as recorded; row 0 at the top`}
          contrastGroup={`frame ${file?.id ?? ""}`}
          unit="counts"
          pixelSizeA={header?.pixelSizeA ?? null}
          empty={
            file?.failure != null ? (
              <FailureNote failure={file.failure} />
            ) : (
              <Empty>Choose a movie in the table.</Empty>
            )
          }
        />
      </main>
    );
  }
  if (picture === "compare" || picture === "spectra")
    return <Comparison report={report} what={picture} />;
  return <Micrograph report={report} />;
}

function PictureChoice({ report }: { report: MotionReport }) {
  const picture = useAppState((s) => s.motion.picture);
  const { setMotionView } = useActions();
  return (
    <Choice<MotionPicture>
      label="Picture"
      value={picture}
      options={[
        { value: "before", label: "Before" },
        { value: "after", label: "After" },
        ...(report.micrograph.doseWeighted
          ? [{ value: "weighted" as const, label: <abbr title="Dose weighted">DW</abbr> }]
          : []),
        { value: "compare", label: "Compare" },
        { value: "spectra", label: "Spectra" },
      ]}
      onChange={(value) => setMotionView({ picture: value })}
    />
  );
}

function whatIs(report: MotionReport, picture: "before" | "after" | "weighted"): string {
  const { frames, result } = report.micrograph;
  const sum = result === "mean" ? "Average" : "Sum";
  const words = {
    before: "frames as recorded",
    after: "aligned frames",
    weighted: "aligned, dose-weighted frames",
  };
  return `${sum} of ${integer(frames)} ${words[picture]}`;
}

function Comparison({ report, what }: { report: MotionReport; what: "compare" | "spectra" }) {
  const spectrum = useAppState((s) => s.motion.spectrum);
  const spectra = what === "spectra";
  const path = spectra ? `psd/${spectrum}/` : "";
  const side = (which: "before" | "after") => ({
    key: stored(report.id, `${path}${which}`),
    label: which === "before" ? "Before" : "After",
    name: spectra
      ? `Power spectrum ${which} alignment, ${report.name}`
      : `${whatIs(report, which)}, ${report.name}`,
  });
  return (
    <main className="column" aria-label="Picture">
      <ComparePictures
        left={side("before")}
        right={side("after")}
        caption={
          spectra
            ? `Power spectrum, dB, zero frequency in the middle, edge at ${edgeOf(report)}; ${report.name}`
            : `Sum of ${integer(report.micrograph.frames)} frames of ${report.name} before and after alignment; row 0 at the top`
        }
        contrastGroup={`motion ${what} ${spectra ? spectrum : ""} ${report.id}`}
        unit={spectra ? "dB" : "counts"}
        pixelSizeA={spectra ? null : report.micrograph.pixelSizeA}
        tools={<PictureChoice report={report} />}
      />
    </main>
  );
}

function edgeOf({ micrograph }: MotionReport): string {
  const { pixelSizeA } = micrograph;
  return pixelSizeA === null ? "2 px" : `${fixed(2 * pixelSizeA, 2)} Å`;
}

function Micrograph({ report }: { report: MotionReport }) {
  const { picture, overlay: wanted, upTo, ...chosen } = useAppState((s) => s.motion);
  const overlay = wanted === "residuals" && report.diagnostics === null ? "trajectories" : wanted;
  const magnify = chosen.magnify ?? report.magnify;
  const { setMotionView } = useActions();
  const shown = picture === "before" || picture === "weighted" ? picture : "after";
  const present = shown === "weighted" && !report.micrograph.doseWeighted ? "after" : shown;
  const last = report.frameIndices.length - 1;
  const frame = Math.min(upTo ?? last, last);
  const drawn =
    overlay === "trajectories"
      ? `, motion drawn × ${magnify}`
      : overlay === "residuals"
        ? ", residual of each patch"
        : "";
  const largest = Math.max(
    1e-6,
    ...(report.diagnostics?.patchResidualPx.filter((v) => Number.isFinite(v)) ?? []),
  );
  return (
    <main className="column" aria-label="Picture">
      <PictureViewer
        pictureKey={stored(report.id, present)}
        name={`${whatIs(report, present)}, ${report.name}`}
        caption={`${whatIs(report, present)}, ${report.name}${drawn}; row 0 at the top`}
        contrastGroup={`motion ${present} ${report.id}`}
        unit="counts"
        pixelSizeA={report.micrograph.pixelSizeA}
        tools={<PictureChoice report={report} />}
        moreTools={
          <Choice
            label="Over the picture"
            value={overlay}
            options={[
              { value: "trajectories", label: "Trajectories" },
              ...(report.diagnostics === null
                ? []
                : [{ value: "residuals" as const, label: "Residuals" }]),
              { value: "off", label: "Off" },
            ]}
            onChange={(value) => setMotionView({ overlay: value })}
          />
        }
        overlay={(view, stage, turned) =>
          overlay === "trajectories" ? (
            <Trajectories {...{ report, view, stage, turned, magnify }} upTo={frame} />
          ) : overlay === "residuals" ? (
            <PatchResiduals
              {...{ report, view, stage, turned, largest }}
              chosen={chosen.patch}
              onChoose={(patch) => setMotionView({ patch, patchMap: "residuals", tab: "patches" })}
            />
          ) : null
        }
        timeline={
          overlay === "off" ? null : (
            <MotionTimeline
              report={report}
              frame={frame}
              legend={
                overlay === "trajectories"
                  ? [
                      `frame ${integer(report.frameIndices[0] + 1)}`,
                      integer(report.frameIndices[last] + 1),
                    ]
                  : ["0", `${fixed(largest, 2)} px`]
              }
              timed={overlay === "trajectories"}
            />
          )
        }
      />
    </main>
  );
}

/** Play, frame and magnification; the colour key of what is drawn. */
function MotionTimeline({
  report,
  frame,
  legend,
  timed,
}: {
  report: MotionReport;
  frame: number;
  legend: readonly [string, string] | readonly string[];
  timed: boolean;
}) {
  const magnify = useAppState((s) => s.motion.magnify) ?? report.magnify;
  const playing = useAppState((s) => s.view.playing);
  const { setMotionView, setView } = useActions();
  const last = report.frameIndices.length - 1;
  useEffect(() => {
    if (!playing || !timed) return undefined;
    const timer = setTimeout(() => {
      if (frame < last) setMotionView({ upTo: frame + 1 });
      else setView({ playing: false });
    }, 1000 / FRAMES_PER_SECOND);
    return () => clearTimeout(timer);
  }, [playing, timed, frame, last, setMotionView, setView]);
  const number = report.frameIndices[frame] + 1;
  const dose =
    report.dosePerFrame === null
      ? ""
      : `, ${fixed(report.preExposure + number * report.dosePerFrame, 1)} e⁻/Å²`;
  return (
    <div className="timeline motion-timeline">
      {timed && (
        <>
          <Button
            variant="default"
            leftSection={<Icon name={playing ? "pause" : "play"} />}
            onClick={() => {
              if (!playing && frame === last) setMotionView({ upTo: 0 });
              setView({ playing: !playing });
            }}
          >
            {playing ? "Pause" : "Play motion"}
          </Button>
          <div className="motion-sliders">
            <span>
              Frame {integer(number)} of {integer(report.framesInMovie)}
              {dose}
            </span>
            <Slider
              size={2}
              thumbSize={14}
              min={0}
              max={Math.max(1, last)}
              value={frame}
              label={null}
              thumbLabel="Frame"
              onChange={(value) => {
                setMotionView({ upTo: value });
                setView({ playing: false });
              }}
            />
            <span>Magnify × {integer(magnify)}</span>
            <Slider
              size={2}
              thumbSize={14}
              min={1}
              max={100}
              value={magnify}
              label={null}
              thumbLabel="Magnify"
              onChange={(value) => setMotionView({ magnify: value })}
            />
          </div>
        </>
      )}
      <span className="colour-key">
        {legend[0]}
        <i style={{ background: VIRIDIS_GRADIENT }} />
        {legend[1]}
      </span>
    </div>
  );
}
