import { useState } from "react";
import type { LocalTrack, MotionReport } from "#src/domain/motionReport.ts";
import { reducedSize } from "#src/domain/picture.ts";
import type { PictureKey } from "#src/domain/picture.ts";
import type { MotionPicture } from "#src/state/motionSlice.ts";
import { selectedFile } from "#src/state/sessionState.ts";
import { useActions, useAppState, usePictureVersion } from "../AppContext.tsx";
import { Choice } from "../shared/Choice.tsx";
import { ComparePictures } from "../shared/ComparePictures.tsx";
import { FrameTimeline } from "../shared/FrameTimeline.tsx";
import { Empty, FailureNote } from "../shared/PanelParts.tsx";
import { PictureViewer } from "../shared/PictureViewer.tsx";
import { fixed, integer } from "../shared/format.ts";
import { scaledView } from "../shared/viewport.ts";
import { resolutionText } from "./SpectrumView.tsx";
import { PatchResiduals, Trajectories } from "./Trajectories.tsx";
import { MotionTimeline } from "./MotionTimeline.tsx";
import { magnificationOf, shownMotion } from "./motionSelect.ts";

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
          timeline={
            header !== null && header.frames > 1 ? (
              <FrameTimeline frames={header.frames} label="Frame" />
            ) : null
          }
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
  const { correctMotion } = useActions();
  const spectra = what === "spectra";
  const size = spectra ? report.spectra?.[spectrum].size : undefined;
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
        onAgain={() => void correctMotion([report.id])}
        {...(size === undefined
          ? {}
          : { describePlace: (x, y) => ringText(x, y, size, report.micrograph.pixelSizeA) })}
      />
    </main>
  );
}

/** Resolution at a place of a spectrum of `size` px, zero frequency in its middle. */
function ringText(x: number, y: number, size: number, pixelSizeA: number | null): string {
  const frequency = Math.hypot(x - size / 2, y - size / 2) / size;
  return frequency === 0 ? "zero frequency" : resolutionText(frequency, pixelSizeA);
}

function edgeOf({ micrograph }: MotionReport): string {
  const { pixelSizeA } = micrograph;
  return pixelSizeA === null ? "2 px" : `${fixed(2 * pixelSizeA, 2)} Å`;
}

/** Place and displacement of a trajectory at a frame, in words. */
function trackText(report: MotionReport, track: LocalTrack, frame: number): string {
  const { frameIndices, framesInMovie, referenceFrame, pixelSizeA, globalX, globalY } = report;
  const [dx, dy] = [track.dx[frame], track.dy[frame]];
  const inA =
    pixelSizeA === null ? "" : ` = ${fixed(dx * pixelSizeA, 1)}, ${fixed(dy * pixelSizeA, 1)} Å`;
  const local =
    report.localRmsPx > 0
      ? `; of it local ${fixed(dx - globalX[frame], 2)}, ${fixed(dy - globalY[frame], 2)} px`
      : "";
  return `At ${integer(Math.round(track.x))}, ${integer(Math.round(track.y))} px: frame ${integer(frameIndices[frame] + 1)} of ${integer(framesInMovie)} lies ${fixed(dx, 2)}, ${fixed(dy, 2)} px${inA} (x, y) from frame ${integer(frameIndices[referenceFrame] + 1)}${local}`;
}

/** The patch whose middle is next to a place; null where there are none. */
function nearestPatch({ diagnostics }: MotionReport, { x, y }: LocalTrack): number | null {
  if (diagnostics === null) return null;
  const far = diagnostics.patchX.map((px, i) => Math.hypot(px - x, diagnostics.patchY[i] - y));
  return far.length === 0 ? null : far.indexOf(Math.min(...far));
}

function Micrograph({ report }: { report: MotionReport }) {
  const { picture, overlay: wanted, upTo, localOnly, patch } = useAppState((s) => s.motion);
  const magnify = useAppState((s) => magnificationOf(s, report));
  const [pointed, setPointed] = useState<number | null>(null);
  const { setMotionView, correctMotion } = useActions();
  const overlay = wanted === "residuals" && report.diagnostics === null ? "trajectories" : wanted;
  const shown = picture === "before" || picture === "weighted" ? picture : "after";
  const present = shown === "weighted" && !report.micrograph.doseWeighted ? "after" : shown;
  // Where its pixels are kept no more, a small one may be.
  const version = usePictureVersion();
  const [missing, setMissing] = useState({ of: "", small: false });
  const wholeOf = `${report.id} ${present} ${version}`;
  const { width, height, pixelSizeA } = report.micrograph;
  const reduced = present === "after" && missing.of === wholeOf ? reducedSize(width, height) : null;
  const kept =
    reduced === null || missing.small
      ? ""
      : `. Of its ${integer(width)} × ${integer(height)} px the browser keeps these ${integer(reduced.width)} × ${integer(reduced.height)}: run the movie again for all`;
  const last = report.frameIndices.length - 1;
  const frame = Math.min(upTo ?? last, last);
  const part = localOnly && report.localRmsPx > 0;
  const drawn =
    overlay === "trajectories"
      ? report.totalPx > 0
        ? `, ${part ? "local motion" : "motion"} drawn × ${magnify}`
        : ", no motion to draw"
      : overlay === "residuals"
        ? ", residual of each patch"
        : "";
  const largest = Math.max(
    1e-6,
    ...(report.diagnostics?.patchResidualPx.filter((v) => Number.isFinite(v)) ?? []),
  );
  const track = overlay === "trajectories" && pointed !== null ? report.tracks.at(pointed) : null;
  const choosePatch = (next: number | null): void => {
    if (next !== null)
      setMotionView({ patch: next, patchMap: "residuals", overlay: "residuals", tab: "patches" });
  };
  return (
    <main className="column" aria-label="Picture">
      <PictureViewer
        pictureKey={stored(report.id, reduced === null ? present : "small")}
        name={`${whatIs(report, present)}, ${report.name}`}
        caption={
          track == null
            ? `${whatIs(report, present)}, ${report.name}${drawn}; row 0 at the top${kept}`
            : trackText(report, track, frame)
        }
        contrastGroup={`motion ${present} ${report.id}`}
        unit="counts"
        pixelSizeA={
          reduced === null || pixelSizeA === null
            ? pixelSizeA
            : (pixelSizeA * width) / reduced.width
        }
        tools={<PictureChoice report={report} />}
        onAgain={() => void correctMotion([report.id])}
        onMissing={() => setMissing({ of: wholeOf, small: reduced !== null })}
        moreTools={
          <Choice
            label="Over the picture"
            value={overlay}
            options={[
              {
                value: "trajectories",
                label: (
                  <>
                    <span className="hide-narrow">Trajectories</span>
                    <span className="only-narrow">Tracks</span>
                  </>
                ),
              },
              ...(report.diagnostics === null
                ? []
                : [{ value: "residuals" as const, label: "Residuals" }]),
              { value: "off", label: "Off" },
            ]}
            onChange={(value) => setMotionView({ overlay: value })}
          />
        }
        overlay={(shownView, stage, turned) => {
          const view =
            reduced === null
              ? shownView
              : scaledView(shownView, reduced.width / width, reduced.height / height);
          return overlay === "trajectories" ? (
            <Trajectories
              {...{ report, view, stage, turned, magnify, pointed }}
              localOnly={part}
              upTo={frame}
              onPoint={setPointed}
              onChoose={(i) => choosePatch(nearestPatch(report, report.tracks[i]))}
            />
          ) : overlay === "residuals" ? (
            <PatchResiduals
              {...{ report, view, stage, turned, largest }}
              chosen={patch}
              onChoose={choosePatch}
            />
          ) : null;
        }}
        timeline={<MotionTimeline {...{ report, overlay, frame, largest }} />}
      />
    </main>
  );
}
