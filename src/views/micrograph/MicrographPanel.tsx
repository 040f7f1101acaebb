import { Button, Checkbox } from "@mantine/core";
import { PREPROCESS_ORDER } from "#src/domain/preprocess.ts";
import { recipeToJson } from "#src/domain/preprocessCheck.ts";
import { preprocessSummary } from "#src/domain/preprocessText.ts";
import { PRESETS, formKey, presetOf, problemsOf, recipeOf } from "#src/state/micrographSlice.ts";
import type { PresetId } from "#src/state/micrographSlice.ts";
import { filterPixelSizeA } from "#src/state/micrographUnits.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice, IconButton } from "../shared/Choice.tsx";
import { FailureNote, Notice, Section } from "../shared/PanelParts.tsx";
import { counted, integer } from "../shared/format.ts";
import { useShortcuts } from "../shared/useShortcuts.ts";
import { OperationCard } from "./OperationCard.tsx";
import { useMicrograph, useMicrographs, useUndone } from "./useMicrograph.ts";

/** Presets, the ten operations in order, the chain in words, where results go. */
export function MicrographPanel() {
  const file = useMicrograph();
  const micrographs = useMicrographs();
  // One by one: previews come many times a second, and only what they found is shown here.
  const form = useAppState((s) => s.micrograph.form);
  const past = useAppState((s) => s.micrograph.past);
  const open = useAppState((s) => s.micrograph.open);
  const failures = useAppState((s) => s.micrograph.failures);
  const found = useAppState((s) => s.micrograph.region?.preview.report ?? null);
  const foundIn = useAppState((s) => s.micrograph.region?.fileId);
  const foundWith = useAppState((s) => s.micrograph.region?.madeWith);
  const actions = useActions();
  const problems = problemsOf(form, file);
  const pixelSizeA = file?.pixelSizeA ?? null;
  const key = formKey(form);
  const { outdated, fresh } = useUndone(micrographs);
  const failed = micrographs.filter(({ fileId }) => failures[fileId] !== undefined);
  const preset = presetOf(form);
  const facts = {
    form,
    pixelSizeA,
    filterPixelSizeA: filterPixelSizeA(form, file, pixelSizeA),
    report: foundIn === file?.fileId && foundWith === key ? found : null,
  };
  useShortcuts({ "Ctrl+z": () => actions.undoMicrograph() });
  const blocked = problems.at(0)?.message ?? null;
  return (
    <aside className="column panel" aria-label="Micrograph">
      <div className="panel-head">
        <h1>Micrograph</h1>
        <span className="spacer" />
        <IconButton
          icon="undo"
          label="Undo"
          shortcut="Ctrl Z"
          disabled={past.length === 0}
          onClick={() => actions.undoMicrograph()}
        />
        <Button
          disabled={micrographs.length === 0 || problems.length > 0}
          title={blocked ?? ""}
          onClick={() => void actions.applyOperations()}
        >
          Apply to {integer(micrographs.length)}
        </Button>
      </div>
      <div className="preset-row">
        <span className="second">Preset</span>
        <Choice<PresetId | "own">
          label="Preset"
          value={preset ?? "own"}
          options={[
            ...PRESETS.map(({ id, title, help }) => ({
              value: id,
              label: <span title={help}>{title}</span>,
            })),
            {
              value: "own" as const,
              label: <span title="Switches set by hand">Own</span>,
              disabled: preset !== null,
            },
          ]}
          onChange={(value) => {
            if (value !== "own") actions.setPreset(value);
          }}
        />
      </div>
      <div className="panel-body">
        {blocked !== null && problems[0].operation === null && <Notice>{blocked}</Notice>}
        <ol className="operations" aria-label="Operations in their order">
          {PREPROCESS_ORDER.map((name) => (
            <OperationCard
              key={name}
              name={name}
              open={open === name}
              size={file}
              problems={problems}
              {...facts}
            />
          ))}
        </ol>
        <WordsSection />
        <InputSection named={micrographs.length} />
        <OutputSection />
        {outdated > 0 && (
          <Notice kind="outdated">
            <b className="strong">
              {outdated === 1
                ? "1 result is outdated:"
                : `${integer(outdated)} results are outdated:`}
            </b>{" "}
            the operations have changed since. Apply redoes{" "}
            {fresh > 0 ? `these and the ${integer(fresh)} new ones` : "them"}; inputs are never
            changed.
          </Notice>
        )}
        {failed.map(({ fileId }) => (
          <FailureNote
            key={fileId}
            failure={failures[fileId]}
            onRetry={() => void actions.applyOperations([fileId])}
          />
        ))}
      </div>
    </aside>
  );
}

/** The protocol's summary of what is on, and the same as a file for the command. */
function WordsSection() {
  const form = useAppState((s) => s.micrograph.form);
  const { setArithmetic } = useActions();
  const recipe = recipeOf(form);
  const words = preprocessSummary(recipe).map((line) => (line.endsWith(".") ? line : `${line}.`));
  return (
    <Section
      title="In words"
      caption={
        <>
          always in this order{" "}
          <button
            type="button"
            className="text-button link inline"
            onClick={() => void navigator.clipboard.writeText(words.join(" "))}
          >
            Copy
          </button>{" "}
          <button
            type="button"
            className="text-button link inline"
            title="The operations as JSON, for cryoloupe preprocess --ops"
            onClick={() =>
              void navigator.clipboard.writeText(JSON.stringify(recipeToJson(recipe), null, 1))
            }
          >
            Copy for --ops
          </button>
        </>
      }
    >
      <p className="words">{words.length === 0 ? "Nothing is on." : words.join(" ")}</p>
      <Checkbox
        mt={8}
        size="xs"
        checked={form.arithmetic === "xmipp"}
        label="Xmipp's arithmetic, defects included"
        description="For comparison with the original: its Gaussian smooths by σ/√2, its denoised pictures are left between 0 and 1, sizes are cut down to whole pixels."
        onChange={(event) => setArithmetic(event.currentTarget.checked ? "xmipp" : "default")}
      />
    </Section>
  );
}

/** Where micrographs come from: all of the session, the rows of a table, a folder that is watched. */
function InputSection({ named }: { named: number }) {
  const table = useAppState((s) => s.micrograph.table);
  const watching = useAppState((s) => s.sampling.watching);
  const canWatch = useAppState((s) => s.backend.capabilities.folderPicker);
  const { leaveTable, openFolder, watchFolder, stopWatching } = useActions();
  if (table === null && !canWatch) return null;
  const missing = (table?.entries.length ?? 0) - named;
  return (
    <Section title="Micrographs">
      {table !== null && (
        <>
          <div className="row">
            <span className="ellipsis" title={table.name}>
              Those of {table.name}
            </span>
            <span className="spacer" />
            <Button variant="default" data-size="xs" onClick={leaveTable}>
              Take all instead
            </Button>
          </div>
          <p className="caption">
            {missing === 0
              ? `All ${counted(table.entries.length, "micrograph")} that it names are open; its columns are carried over.`
              : `${integer(named)} of ${counted(table.entries.length, "micrograph")} that it names are open. `}
            {missing > 0 && (
              <button
                type="button"
                className="text-button link inline"
                onClick={() => void openFolder()}
              >
                Open their folder
              </button>
            )}
          </p>
        </>
      )}
      {canWatch && (
        <div className="row">
          <span className="ellipsis">
            {watching === null ? "As they come into a folder" : `What comes into ${watching}`}
          </span>
          <span className="spacer" />
          <Button
            variant="default"
            data-size="xs"
            onClick={() => (watching === null ? void watchFolder() : stopWatching())}
          >
            {watching === null ? "Watch a folder" : "Stop watching"}
          </Button>
        </div>
      )}
    </Section>
  );
}

function OutputSection() {
  const folder = useAppState((s) => s.micrograph.folder);
  const follow = useAppState((s) => s.micrograph.follow);
  const canPick = useAppState((s) => s.backend.capabilities.folderPicker);
  const results = useAppState((s) => Object.keys(s.micrograph.results).length);
  const { chooseOutputFolder, useZip, setMicrographView } = useActions();
  return (
    <Section
      title="Results"
      caption={results === 0 ? "" : `${counted(results, "micrograph")} written`}
    >
      <div className="row">
        <span className="ellipsis">
          {folder === null ? "One zip, with tables for RELION and Xmipp" : `Into ${folder}`}
        </span>
        <span className="spacer" />
        {folder !== null && (
          <Button variant="default" data-size="xs" onClick={useZip}>
            Use a zip
          </Button>
        )}
        {canPick && (
          <Button variant="default" data-size="xs" onClick={() => void chooseOutputFolder()}>
            {folder === null ? "Choose a folder" : "Another folder"}
          </Button>
        )}
      </div>
      {folder !== null && (
        <Checkbox
          mt={8}
          size="xs"
          checked={follow}
          label="Process new micrographs as they come"
          onChange={(event) => setMicrographView({ follow: event.currentTarget.checked })}
        />
      )}
    </Section>
  );
}
