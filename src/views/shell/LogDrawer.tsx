import { Button, Drawer } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { memo } from "react";
import { logText } from "#src/state/logSlice.ts";
import type { LogEntry } from "#src/state/logSlice.ts";
import { useActions, useAppState, useReadState } from "../AppContext.tsx";
import { Icon } from "../shared/Icon.tsx";

const Line = memo(function Line({ entry }: { entry: LogEntry }) {
  const { time, level, file, text } = entry;
  return (
    <li className={level}>
      <time>{new Date(time).toLocaleTimeString("en-GB")}</time>
      <span>{level === "info" ? "" : level}</span>
      <span>
        {file !== null && <b className="strong">{file} </b>}
        {text}
      </span>
    </li>
  );
});

/** There only while the drawer is open: a session writes several lines for each of its movies. */
function Lines() {
  const entries = useAppState((s) => s.log.entries);
  const read = useReadState();
  const { copied, copy } = useClipboard();
  return (
    <>
      <Button
        variant="default"
        leftSection={<Icon name="copy" size={14} />}
        onClick={() => copy(logText(read().log))}
      >
        {copied ? "Copied" : "Copy all"}
      </Button>
      <ol className="log">
        {entries.map((entry) => (
          <Line key={entry.serial} entry={entry} />
        ))}
      </ol>
    </>
  );
}

export function LogDrawer() {
  const open = useAppState((s) => s.view.logOpen);
  const { setView } = useActions();
  return (
    <Drawer
      opened={open}
      onClose={() => setView({ logOpen: false })}
      position="bottom"
      size={320}
      title="Log"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Lines />
    </Drawer>
  );
}
