import { useActions, useAppState } from "../AppContext.tsx";
import { IconButton } from "./Choice.tsx";

/** Opens and closes the header card of the selected file. */
export function HeaderButton() {
  const open = useAppState((s) => s.view.headerOpen);
  const { setView } = useActions();
  return (
    <IconButton
      icon="info"
      label="File header"
      shortcut="H"
      pressed={open}
      onClick={() => setView({ headerOpen: !open })}
    />
  );
}
