import { Modal, Switch } from "@mantine/core";
import { useActions, useAppState } from "../AppContext.tsx";

const keys: readonly (readonly [string, string])[] = [
  ["?", "this list"],
  ["T", "session table: thumbnails, names, overview"],
  ["↑ ↓", "previous, next movie"],
  ["Space", "in the overview: accept, reject"],
  ["⇧ ↑ ↓, Ctrl A", "in the overview: pick several, all"],
  ["Ctrl Z", "in the overview: thresholds and choices one step back"],
  ["Alt 1 – 5", "workspaces"],
  ["← → Home End", "frame"],
  ["P", "play, pause"],
  ["wheel, + −", "zoom at the cursor, at the middle"],
  ["drag", "pan"],
  ["F, 1", "fit, one screen pixel per image pixel"],
  ["A, R, I", "contrast automatic, whole range, inverted"],
  ["Y", "turn the display over"],
  ["M", "bad-pixel mask"],
  ["B (hold)", "blink two pictures"],
  ["H", "header of the file"],
  ["L", "log"],
  ["Ctrl O", "open files"],
  ["Esc", "close, stop"],
];

export function Help() {
  const open = useAppState((s) => s.view.helpOpen);
  const shortcuts = useAppState((s) => s.view.shortcuts);
  const { setView } = useActions();
  return (
    <Modal
      opened={open}
      onClose={() => setView({ helpOpen: false })}
      title="Keyboard"
      size={520}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <dl className="keys">
        {keys.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <Switch
        mt={16}
        label="Single letters act as commands"
        checked={shortcuts}
        onChange={(event) => setView({ shortcuts: event.currentTarget.checked })}
      />
      <p className="caption" style={{ marginTop: 12 }}>
        Row 0 of a picture is at the top. Frames count from 1. Inputs are never changed, and nothing
        is uploaded.
      </p>
    </Modal>
  );
}
