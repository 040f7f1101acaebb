import { Button } from "@mantine/core";
import { useActions, useAppState } from "../AppContext.tsx";
import { Icon } from "../shared/Icon.tsx";
import { LESSONS } from "../lessons/lessons.ts";
import { Notice } from "../shared/PanelParts.tsx";
import { Continue } from "./Continue.tsx";
import { LessonPicture } from "./LessonPictures.tsx";
import "./start.css";

/** Three walks through the page on simulated data. */
function Lessons() {
  const actions = useActions();
  return (
    <section aria-labelledby="lessons-title">
      <div className="start-head">
        <h2 id="lessons-title">Three lessons</h2>
        <span className="caption">on simulated data, about ten minutes each</span>
      </div>
      <ul className="lesson-cards">
        {LESSONS.map((lesson) => (
          <li key={lesson.id}>
            <button
              type="button"
              className="lesson-card"
              onClick={() => {
                lesson.start(actions);
                actions.openLesson(lesson.id);
              }}
            >
              <LessonPicture id={lesson.id} />
              <span className="lesson-card-text">
                <b>{lesson.title}</b>
                <span className="second">{lesson.text}</span>
                <span className="lesson-card-foot">
                  <span className="caption">
                    {lesson.workspace} · {lesson.steps.length} steps
                  </span>
                  <span className="link row">
                    Start
                    <Icon name="right" size={13} />
                  </span>
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What stands before the first file: drop, open, or try the demo. */
export function StartScreen() {
  const { openFiles, openFolder, openDemo, openResults, importSession } = useActions();
  const canPick = useAppState((s) => s.backend.capabilities.folderPicker);
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
              {canPick ? "Open folder and watch it" : "Open folder"}
            </Button>
            <Button
              data-size="lg"
              leftSection={<Icon name="play" />}
              onClick={() => void openDemo()}
            >
              Try the demo movie
            </Button>
          </div>
          <p className="drop-results">
            Results of an earlier session, of this page or of the command: drop their folder, or{" "}
            {canPick && (
              <>
                <button
                  type="button"
                  className="text-button link"
                  onClick={() => void openResults()}
                >
                  Open results
                </button>
                {" · "}
              </>
            )}
            <button type="button" className="text-button link" onClick={() => void importSession()}>
              Open a session.json
            </button>
          </p>
          <div className="drop-facts">
            <span>MRC · TIFF · EER · DM4 · .gain</span>
            <span className="rule" />
            <span>CTF tables: STAR · XMD · CTFFIND · .cs · CSV</span>
            <span className="rule" />
            <span className="row">
              <Icon name="lock" size={13} />
              Files stay on this computer
            </span>
          </div>
        </div>
        {notice !== null && <Notice>{notice}</Notice>}
        {hint !== null && (
          <p className="start-hint">
            <span className="tag">
              <Icon name="chip" size={13} />
              CPU
            </span>
            <span className="caption">Everything works without a graphics processor. {hint}</span>
          </p>
        )}
        <Lessons />
        <Continue />
      </div>
    </main>
  );
}
