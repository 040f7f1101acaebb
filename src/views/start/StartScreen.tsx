import { Button } from "@mantine/core";
import { useActions, useAppState } from "../AppContext.tsx";
import { Icon } from "../shared/Icon.tsx";
import { Notice } from "../shared/PanelParts.tsx";

/** What stands before the first file: drop, open, or try the demo. */
export function StartScreen() {
  const { openFiles, openFolder, openDemo } = useActions();
  const notice = useAppState((s) => s.session.notice);
  const hint = useAppState((s) => s.backend.capabilities.webgpuHint);
  return (
    <main className="start">
      <div className="start-inner">
        <div className="drop-zone">
          <h1>Drop detector movies anywhere</h1>
          <p>
            Add a gain reference, a defect list or a whole folder with them. Each file is sorted out
            by what it holds.
          </p>
          <div className="drop-actions">
            <Button
              data-size="lg"
              variant="default"
              leftSection={<Icon name="file" />}
              onClick={() => void openFiles()}
            >
              Open files
            </Button>
            <Button
              data-size="lg"
              variant="default"
              leftSection={<Icon name="folder" />}
              onClick={() => void openFolder()}
            >
              Open folder
            </Button>
            <Button
              data-size="lg"
              leftSection={<Icon name="play" />}
              onClick={() => void openDemo()}
            >
              Try the demo movie
            </Button>
          </div>
          <div className="drop-facts">
            <span>MRC · TIFF · EER · DM4 · .gain</span>
            <span className="rule" />
            <span className="row">
              <Icon name="lock" size={13} />
              Files stay on this computer
            </span>
          </div>
        </div>
        {notice !== null && <Notice>{notice}</Notice>}
        {hint !== null && <p className="caption">{hint}</p>}
      </div>
    </main>
  );
}
