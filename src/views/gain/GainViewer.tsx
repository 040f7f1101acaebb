import { Menu } from "@mantine/core";
import { useActions, useAppState } from "../AppContext.tsx";
import { COMBINED } from "#src/state/gainSlice.ts";
import type { GainPicture } from "#src/state/gainSlice.ts";
import { PART_NAMES } from "#src/domain/gainParts.ts";
import type { GainPartName } from "#src/domain/gainParts.ts";
import type { PictureKey } from "#src/domain/picture.ts";
import { selectedFile } from "#src/state/sessionState.ts";
import { Choice } from "../shared/Choice.tsx";
import { ComparePictures } from "../shared/ComparePictures.tsx";
import { FrameTimeline } from "../shared/FrameTimeline.tsx";
import { Empty } from "../shared/PanelParts.tsx";
import { PictureViewer } from "../shared/PictureViewer.tsx";
import { Icon } from "../shared/Icon.tsx";
import { integer } from "../shared/format.ts";
import { gainTabs } from "./gainTabs.ts";
import { shownEstimate, shownReport } from "./gainSelect.ts";
import { methods, partTitles } from "./gainText.ts";

const stored = (pictures: string, name: string): PictureKey => ({
  kind: "stored",
  id: `${pictures}/${name}`,
});

/** One entry for every part's picture. */
function forParts(text: (name: GainPartName) => string): Record<`part-${GainPartName}`, string> {
  return {
    "part-plane": text("plane"),
    "part-chips": text("chips"),
    "part-columns": text("columns"),
    "part-rows": text("rows"),
    "part-pixels": text("pixels"),
  };
}

/** A label that is cut to its letter where the page is narrow. */
function Short({ long, short }: { long: string; short: string }) {
  return (
    <>
      <span className="hide-narrow">{long} </span>
      {short}
    </>
  );
}

/** The picture of the gain workspace: frames and sums as recorded, G, C, reference, difference. */
export function GainViewer() {
  const tab = useAppState((s) => s.gain.tab);
  const own = gainTabs.find(({ id }) => id === tab)?.Viewer;
  return own === undefined ? <GainPictures /> : <OwnViewer Viewer={own} />;
}

function OwnViewer({ Viewer }: { Viewer: NonNullable<(typeof gainTabs)[number]["Viewer"]> }) {
  return <Viewer />;
}

function GainPictures() {
  const file = useAppState((s) => selectedFile(s.session));
  const { picture, sideBySide } = useAppState((s) => s.gain);
  const frame = useAppState((s) => s.view.frame);
  const badMask = useAppState((s) => s.view.badMask);
  const estimate = useAppState(shownEstimate);
  const report = useAppState(shownReport);
  const compared = useAppState((s) =>
    estimate === null ? undefined : s.gain.comparisons[estimate],
  );
  const { setGainView, setView, estimateGain } = useActions();

  const header = file?.header ?? null;
  const frames = header?.frames ?? 1;
  const index = Math.min(frame, frames - 1);
  const needsEstimate = picture === "G" || picture === "C" || picture === "afanasyev";
  const ofPart = picture.startsWith("part-");
  const needsComparison = picture === "reference" || picture === "difference";
  const shown: GainPicture =
    (needsEstimate && report === null) ||
    (picture === "afanasyev" && report?.afanasyev !== true) ||
    (ofPart && report?.structure == null) ||
    (needsComparison && compared === undefined)
      ? "frame"
      : picture;
  const timed = shown === "frame" || shown === "sum";
  const whose =
    report === null
      ? ""
      : report.movies.length > 1
        ? `${integer(report.movies.length)} movies`
        : report.name;
  const kind = report?.residual === true ? "Residual pixel gain" : "Pixel gain";
  const captions: Readonly<Record<GainPicture, string>> = {
    frame: `Frame ${integer(index + 1)} of ${integer(frames)}, ${file?.name ?? ""}, as recorded; row 0 at the top`,
    sum: `Sum of frames 1 – ${integer(index + 1)} of ${integer(frames)}, ${file?.name ?? ""}, as recorded; row 0 at the top`,
    G: `${kind} G, ${whose}; row 0 at the top; ${methods.find(({ id }) => id === report?.parameters.method)?.blind ?? ""}`,
    afanasyev: `Gain from the deviation of each pixel over frames (Afanasyev et al. 2015), ${whose}; row 0 at the top`,
    C: `Correction C = 1/G, ${whose}; multiply recorded frames by it; row 0 at the top`,
    reference: "Pixel gain G of the reference, in its pose; row 0 at the top",
    difference: `G of the estimate minus G of the reference, ${whose}; row 0 at the top`,
    ...forParts((name) => `${partTitles[name]}: their part of log G, ${whose}; row 0 at the top`),
  };
  const names: Readonly<Record<GainPicture, string>> = {
    frame: `Frame ${integer(index + 1)}, ${file?.name ?? ""}`,
    sum: `Sum of ${integer(index + 1)} frames, ${file?.name ?? ""}`,
    G: `${kind} G, ${whose}`,
    C: `Correction C, ${whose}`,
    afanasyev: `Estimate of Afanasyev et al. 2015, ${whose}`,
    reference: "Pixel gain G of the reference",
    difference: "Difference of estimate and reference",
    ...forParts((name) => `${partTitles[name]} of log G, ${whose}`),
  };
  const keyOf = (): PictureKey | null => {
    if (timed) {
      if (file === null || header === null) return null;
      return shown === "frame"
        ? { kind: "frame", movie: file.id, frame: index }
        : { kind: "sum", movie: file.id, lastFrame: index };
    }
    const pictures = needsComparison ? compared?.pictures : report?.pictures;
    return pictures === undefined ? null : stored(pictures, shown);
  };
  const tools = (
    <Choice
      label="Picture"
      value={shown}
      options={[
        { value: "frame", label: "Frames" },
        { value: "sum", label: "Sum" },
        ...(report === null
          ? []
          : [
              { value: "G" as const, label: <Short long="Pixel gain" short="G" /> },
              { value: "C" as const, label: <Short long="Correction" short="C" /> },
            ]),
        ...(report?.afanasyev === true
          ? [{ value: "afanasyev" as const, label: "Afanasyev" }]
          : []),
        ...(needsComparison && compared !== undefined
          ? [{ value: picture, label: picture === "reference" ? "Reference" : "Difference" }]
          : []),
        ...PART_NAMES.filter((name) => shown === `part-${name}`).map((name) => ({
          value: shown,
          label: partTitles[name],
        })),
      ]}
      onChange={(value) => {
        setGainView({ picture: value, sideBySide: false });
        // A sum is first shown whole; the scrubber takes frames away.
        if (value === "sum" && shown !== "sum") setView({ frame: frames - 1 });
      }}
    />
  );
  const compare = compared !== undefined && (
    <Menu position="bottom-end">
      <Menu.Target>
        <button type="button" className="text-button" aria-label="Compare with the reference">
          <Icon name="swipe" size={14} />
          <span className="hide-medium">Compare</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => setGainView({ sideBySide: true, picture: "G" })}>
          Estimate and reference
        </Menu.Item>
        <Menu.Item onClick={() => setGainView({ picture: "difference" })}>Difference</Menu.Item>
        <Menu.Item onClick={() => setGainView({ picture: "reference" })}>Reference</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
  const parts = report?.structure != null && (
    <Menu position="bottom-end">
      <Menu.Target>
        <button type="button" className="text-button" aria-label="Parts of the gain">
          <Icon name="down" size={14} />
          <span className="hide-medium">Parts</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {PART_NAMES.map((name) => (
          <Menu.Item key={name} onClick={() => setGainView({ picture: `part-${name}` })}>
            {partTitles[name]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
  const bad = report !== null && !timed && (
    <button
      type="button"
      className="text-button"
      aria-pressed={badMask}
      aria-label={`Bad pixels: ${integer(report.badPixels)}`}
      title="Bad-pixel mask  M"
      onClick={() => setView({ badMask: !badMask })}
    >
      <Icon name="eye" size={14} />
      <span className="hide-medium">Bad pixels</span>
      <span className="caption">{integer(report.badPixels)}</span>
    </button>
  );
  if (sideBySide && compared !== undefined && report !== null)
    return (
      <main className="column" aria-label="Picture">
        <ComparePictures
          left={{ key: stored(report.pictures, "G"), label: "Estimate", name: names.G }}
          right={{
            key: stored(compared.pictures, "reference"),
            label: "Reference",
            name: names.reference,
          }}
          caption={`Pixel gain G: estimate of ${whose} and reference, same contrast; row 0 at the top`}
          contrastGroup="G"
          unit="G"
          pixelSizeA={header?.pixelSizeA ?? null}
          initialMode="side"
          tools={
            <button
              type="button"
              className="text-button"
              onClick={() => setGainView({ sideBySide: false })}
            >
              <Icon name="left" size={14} />
              Pixel gain G
            </button>
          }
        />
      </main>
    );
  return (
    <main className="column" aria-label="Picture">
      <PictureViewer
        pictureKey={keyOf()}
        name={names[shown]}
        caption={captions[shown]}
        contrastGroup={shown === "reference" ? "G" : timed ? `${shown} ${file?.id ?? ""}` : shown}
        unit={
          timed
            ? "counts"
            : shown === "C"
              ? "C"
              : shown === "difference"
                ? "ΔG"
                : shown.startsWith("part-")
                  ? "log G"
                  : "G"
        }
        pixelSizeA={header?.pixelSizeA ?? null}
        profiles={!timed}
        tools={tools}
        moreTools={
          <>
            {compare}
            {parts}
            {bad}
          </>
        }
        {...(timed ? {} : { decimals: 4 })}
        {...(report === null || needsComparison || report.id === COMBINED
          ? {}
          : { onAgain: () => void estimateGain([report.id]) })}
        empty={
          file?.failure != null ? (
            <Empty>This file could not be opened.</Empty>
          ) : (
            <Empty>
              {file === null
                ? "Choose a movie in the table."
                : file.kind === "defects"
                  ? "A list of bad pixels has no picture."
                  : "Reading the header."}
            </Empty>
          )
        }
        timeline={
          timed && header !== null && frames > 1 ? (
            <FrameTimeline
              frames={frames}
              label={shown === "frame" ? "Frame" : "Sum of frames 1 –"}
            />
          ) : null
        }
      />
    </main>
  );
}
