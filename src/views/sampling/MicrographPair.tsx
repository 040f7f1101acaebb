import { Button } from "@mantine/core";
import { useEffect, useMemo } from "react";
import { samplingDefocus } from "#src/domain/ctf.ts";
import { spectrumOf } from "#src/domain/picture.ts";
import type { CtfTable } from "#src/domain/ctf.ts";
import { picturesByName, picturesOf } from "#src/state/samplingRows.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { IconButton } from "../shared/Choice.tsx";
import { fixed, integer } from "../shared/format.ts";
import { Empty } from "../shared/PanelParts.tsx";
import { PictureViewer } from "../shared/PictureViewer.tsx";
import { useShortcuts } from "../shared/useShortcuts.ts";

/** One sampled micrograph with its power spectrum beside it, to click through the sample. */
export function MicrographPair({ table }: { table: CtfTable }) {
  const current = useAppState((s) => s.sampling.current);
  const sample = useAppState((s) => s.sampling.sample);
  const files = useAppState((s) => s.session.files);
  const { setSampling, stepSampled, openFolder } = useActions();
  const byName = useMemo(() => picturesByName(files), [files]);
  useShortcuts({
    ArrowLeft: () => stepSampled(-1),
    ArrowRight: () => stepSampled(1),
  });
  // Before the shell's own Escape, unless something lies over the page that it closes.
  const covered = useAppState((s) => s.view.helpOpen || s.view.logOpen || s.view.settingsOpen);
  useEffect(() => {
    if (covered) return undefined;
    const leave = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      setSampling({ shown: "plots" });
    };
    window.addEventListener("keydown", leave, { capture: true });
    return () => window.removeEventListener("keydown", leave, { capture: true });
  }, [covered, setSampling]);
  const estimate = current === null ? undefined : table.estimates[current];
  const found = estimate === undefined ? null : picturesOf(estimate, byName);
  const at = sample === null || current === null ? -1 : sample.rows.indexOf(current);
  const pixelSizeOf = (id: string | null): number | null =>
    files.find((f) => f.id === id)?.header?.pixelSizeA ?? null;
  const pixelSizeA = pixelSizeOf(found?.micrograph ?? null) ?? table.optics.pixelSizeA;
  const nyquist = pixelSizeA === null ? "" : `; edge at ${fixed(2 * pixelSizeA, 2)} Å`;
  const facts =
    estimate === undefined
      ? ""
      : `${estimate.micrograph}: defocus ${fixed(samplingDefocus(estimate) / 1e4, 3)} µm, rings to ${fixed(estimate.resolutionA, 2)} Å`;
  return (
    <div className="sampling-viewer">
      <div className="viewer-bar">
        <Button
          variant="default"
          size="xs"
          onClick={() => setSampling({ shown: "plots" })}
          title="Esc"
        >
          Back to the plots
        </Button>
        <IconButton
          icon="left"
          label="Previous sampled micrograph"
          shortcut="←"
          onClick={() => stepSampled(-1)}
        />
        <IconButton
          icon="right"
          label="Next sampled micrograph"
          shortcut="→"
          onClick={() => stepSampled(1)}
        />
        <span className="caption" aria-live="polite">
          {at >= 0 ? `${integer(at + 1)} of ${integer(sample?.rows.length)} sampled. ` : ""}
          {facts}
        </span>
      </div>
      <div className="sampling-pair">
        <div className="column">
          <PictureViewer
            pictureKey={
              found?.micrograph == null
                ? null
                : { kind: "frame", movie: found.micrograph, frame: 0 }
            }
            name={`Micrograph ${estimate?.micrograph ?? ""}`}
            caption="Micrograph, as stored"
            contrastGroup="sampled micrographs"
            unit="value"
            pixelSizeA={pixelSizeA}
            empty={
              <Empty
                action={
                  <Button variant="default" onClick={() => void openFolder()}>
                    Open the micrographs
                  </Button>
                }
              >
                {estimate === undefined
                  ? "Choose a micrograph in the table."
                  : `${estimate.micrograph} is not open.`}
              </Empty>
            }
          />
        </div>
        <div className="column">
          <PictureViewer
            pictureKey={
              found?.spectrum != null
                ? { kind: "frame", movie: found.spectrum, frame: 0 }
                : found?.micrograph != null
                  ? spectrumOf(found.micrograph)
                  : null
            }
            name={`Power spectrum of ${estimate?.micrograph ?? ""}`}
            caption={
              found?.spectrum != null
                ? "Power spectrum of the CTF fit"
                : `Power spectrum, computed here: pieces of 512 px, dB above the background${nyquist}`
            }
            contrastGroup={found?.spectrum != null ? "sampled spectra" : "computed spectra"}
            unit={found?.spectrum != null ? "power" : "dB"}
            pixelSizeA={null}
            empty={
              <Empty>
                {estimate === undefined
                  ? "Choose a micrograph in the table."
                  : "The power spectrum is computed when the micrograph is open."}
              </Empty>
            }
          />
        </div>
      </div>
    </div>
  );
}
