import type { PictureKey } from "#src/domain/picture.ts";
import { selectedFile } from "#src/state/sessionSlice.ts";
import type { GainState } from "#src/state/gainSlice.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice } from "../shared/Choice.tsx";
import { FrameTimeline } from "../shared/FrameTimeline.tsx";
import { Empty, FailureNote } from "../shared/PanelParts.tsx";
import { PictureViewer } from "../shared/PictureViewer.tsx";
import { integer } from "../shared/format.ts";

export function GainViewer() {
  const file = useAppState((s) => selectedFile(s.session));
  const { picture } = useAppState((s) => s.gain);
  const frame = useAppState((s) => s.view.frame);
  const { setGainView, retryOpening } = useActions();
  const header = file?.header ?? null;
  const frames = header?.frames ?? 1;
  const shown: GainState["picture"] = picture;
  const index = Math.min(frame, frames - 1);
  const key: PictureKey | null =
    file === null || header === null
      ? null
      : shown === "frame"
        ? { kind: "frame", movie: file.id, frame: index }
        : { kind: "sum", movie: file.id, lastFrame: index };
  const what =
    shown === "frame" ? `Frame ${integer(index + 1)}` : `Sum of frames 1 – ${integer(index + 1)}`;
  return (
    <main className="column" aria-label="Picture">
      <PictureViewer
        pictureKey={key}
        name={`${what}, ${file?.name ?? ""}`}
        caption={`${what} of ${integer(frames)}, ${file?.name ?? ""}; as recorded`}
        contrastGroup={shown}
        unit="counts"
        pixelSizeA={header?.pixelSizeA ?? null}
        tools={
          <Choice
            label="Picture"
            value={shown}
            options={[
              { value: "frame", label: "Frames" },
              { value: "sum", label: "Sum" },
            ]}
            onChange={(value) => setGainView({ picture: value })}
          />
        }
        empty={
          file?.failure != null ? (
            <FailureNote failure={file.failure} onRetry={() => void retryOpening(file.id)} />
          ) : (
            <Empty>{file === null ? "Choose a movie in the table." : "Reading the header."}</Empty>
          )
        }
        timeline={header !== null && frames > 1 && <FrameTimeline frames={frames} label="Frame" />}
      />
    </main>
  );
}
