import { Button, CopyButton, Drawer } from "@mantine/core";
import { logText } from "#src/state/logSlice.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Icon } from "../shared/Icon.tsx";

export function LogDrawer() {
  const open = useAppState((s) => s.view.logOpen);
  const log = useAppState((s) => s.log);
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
      <CopyButton value={logText(log)}>
        {({ copied, copy }) => (
          <Button variant="default" leftSection={<Icon name="copy" size={14} />} onClick={copy}>
            {copied ? "Copied" : "Copy all"}
          </Button>
        )}
      </CopyButton>
      <ol className="log">
        {log.entries.map((entry, i) => (
          <li key={i} className={entry.level}>
            <time>{new Date(entry.time).toLocaleTimeString("en-GB")}</time>
            <span>{entry.level === "info" ? "" : entry.level}</span>
            <span>
              {entry.file !== null && <b className="strong">{entry.file} </b>}
              {entry.text}
            </span>
          </li>
        ))}
      </ol>
    </Drawer>
  );
}
