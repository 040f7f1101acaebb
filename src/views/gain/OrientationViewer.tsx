import { useAppState } from "../AppContext.tsx";
import { ComparePictures } from "../shared/ComparePictures.tsx";
import { Empty } from "../shared/PanelParts.tsx";
import { bestCandidate } from "#src/state/orientationSlice.ts";
import { shortPose } from "./orientationText.ts";

/** The corrected average in two poses against each other: the wrong one leaves the lattice. */
export function OrientationViewer() {
  const { report, pictures, left, right } = useAppState((s) => s.orientation);
  const movie = useAppState((s) => s.session.files.find((f) => f.id === report?.movie));
  if (report === null || pictures === null || movie?.header == null)
    return (
      <main className="column" aria-label="Picture">
        <Empty>
          {report !== null && report.best === null
            ? "No pose of this reference has the size of the movie."
            : "The corrected average of two poses will stand here, side by side."}
        </Empty>
      </main>
    );
  const word = (at: number): string => {
    const candidate = report.candidates[at];
    const mark = at === bestCandidate(report) && report.confident ? "Best: " : "";
    return `${mark}${shortPose(candidate)}${candidate.inverted ? ", divide" : ""}`;
  };
  const side = (id: string, at: number) => ({
    key: { kind: "stored" as const, id },
    label: word(at),
    name: `Corrected sum of ${movie.name}, ${word(at)}`,
  });
  return (
    <main className="column" aria-label="Picture">
      <ComparePictures
        left={side(pictures.left, left)}
        right={side(pictures.right, right)}
        caption={`Sum of ${movie.header.frames} frames of ${movie.name}, corrected in two poses; the wrong pose leaves the lattice, the right one removes it`}
        contrastGroup={`orientation ${movie.id}`}
        unit="counts"
        pixelSizeA={movie.header.pixelSizeA}
      />
    </main>
  );
}
