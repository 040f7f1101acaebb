import { Button } from "@mantine/core";
import { useActions, useAppState } from "../AppContext.tsx";
import { FailureNote, Notice, Section } from "../shared/PanelParts.tsx";
import { counted } from "../shared/format.ts";

/** Where the results of the session go, and the session itself as a file. */
export function ResultsSection() {
  const results = useAppState((s) => s.project.results);
  const memoryOnly = useAppState((s) => s.project.memoryOnly);
  const canPick = useAppState((s) => s.backend.capabilities.folderPicker);
  const shown = useAppState((s) => s.project.access === "own" && s.project.id !== null);
  const {
    chooseResultsFolder,
    writeAllTheSame,
    useResultsZip: gatherZip,
    saveResultsZip,
    exportSession,
  } = useActions();
  const { kind, name, files, renamed, failure } = results;
  const caption =
    kind === "none"
      ? "kept in the browser only"
      : kind === "permission"
        ? `${name ?? "the folder"} has to be allowed again`
        : kind === "locked"
          ? `nothing is written into ${name ?? ""}`
          : kind === "zip"
            ? `${counted(files, "file")} for a zip`
            : `${counted(files, "file")} in ${name ?? ""}`;
  return (
    <Section title="Results" caption={caption}>
      <div className="row">
        {canPick && (
          <Button variant="default" disabled={!shown} onClick={() => void chooseResultsFolder()}>
            {kind === "permission"
              ? "Allow the folder"
              : kind === "folder" || kind === "locked"
                ? "Another folder"
                : "Choose a folder"}
          </Button>
        )}
        {kind === "zip" ? (
          <Button variant="default" onClick={() => void saveResultsZip()}>
            Save the zip
          </Button>
        ) : (
          kind !== "folder" && (
            <Button variant="default" disabled={!shown} onClick={gatherZip}>
              Gather a zip
            </Button>
          )
        )}
        <Button variant="default" onClick={() => void exportSession()}>
          Export session.json
        </Button>
      </div>
      <p className="caption plan-note">
        Micrographs, spectra, shifts, gains and tables are written as they come, complete or not at
        all, and never over a file that this session did not write.
      </p>
      {failure !== null && <FailureNote failure={failure} />}
      {kind === "locked" && (
        <Notice>
          A cryoloupe command works in {name ?? "the folder"} ({results.lockedBy ?? ""}): nothing is
          written there until it has ended or gives no sign of life for some minutes.{" "}
          <button type="button" className="text-button link" onClick={() => void writeAllTheSame()}>
            Write all the same
          </button>
        </Notice>
      )}
      {memoryOnly !== null && <Notice>{memoryOnly}</Notice>}
      {renamed.length > 0 && (
        <Notice>
          {counted(renamed.length, "name")} taken by other files: {renamed.slice(0, 3).join(", ")}
          {renamed.length > 3 ? " …" : ""}
        </Notice>
      )}
    </Section>
  );
}
