import { Button } from "@mantine/core";
import { useActions, useAppState, useReadState } from "../AppContext.tsx";
import { IconButton } from "../shared/Choice.tsx";
import { StatusGlyph } from "../shared/StatusGlyph.tsx";
import { LESSONS } from "./lessons.ts";
import type { Lesson, LessonStep } from "./lessons.ts";
import "./lessons.css";

function Step({ lesson, step, at }: { lesson: Lesson; step: LessonStep; at: number }) {
  const done = useAppState((s) => step.done?.(s) ?? false);
  const ready = useAppState(lesson.ready);
  const actions = useActions();
  const read = useReadState();
  const last = at === lesson.steps.length - 1;
  return (
    <>
      <div className="lesson-step" key={at}>
        <h2>
          {at + 1}. {step.title}
        </h2>
        <p>{step.text}</p>
        <p role="status" className="lesson-done">
          {step.done !== undefined && (
            <StatusGlyph
              kind={done ? "pass" : "unprocessed"}
              word={done ? "done" : "to be done in the page"}
            />
          )}
        </p>
      </div>
      <div className="lesson-actions">
        {step.show !== undefined && (
          <Button
            variant="default"
            disabled={!ready}
            onClick={() => {
              step.show?.act(actions, read());
            }}
          >
            {step.show.label}
          </Button>
        )}
        <span className="spacer" />
        <IconButton
          icon="left"
          label="Step before"
          disabled={at === 0}
          onClick={() => actions.stepLesson(at - 1)}
        />
        <Button
          variant={done || step.done === undefined ? "filled" : "default"}
          onClick={() => (last ? actions.closeLesson() : actions.stepLesson(at + 1))}
        >
          {last ? "End the lesson" : "Next step"}
        </Button>
      </div>
    </>
  );
}

/** The lesson beside the page: what to do and why, with a tick once the page shows that it is done. */
export function LessonCard() {
  const now = useAppState((s) => s.view.lesson);
  const { closeLesson, stepLesson } = useActions();
  const lesson = LESSONS.find(({ id }) => id === now?.id);
  if (now === null || lesson === undefined) return null;
  return (
    <aside className="lesson" aria-label={`Lesson: ${lesson.title}`}>
      <div className="lesson-head">
        <div>
          <p className="caption">
            Lesson, step {now.step + 1} of {lesson.steps.length}
          </p>
          <h1>{lesson.title}</h1>
        </div>
        <IconButton icon="close" label="Close the lesson" onClick={closeLesson} />
      </div>
      <ol className="lesson-list">
        {lesson.steps.map((step, i) => (
          <li key={step.title}>
            <button
              type="button"
              className="text-button"
              {...(i === now.step ? { "aria-current": "step" as const } : {})}
              onClick={() => stepLesson(i)}
            >
              {i + 1}. {step.title}
            </button>
          </li>
        ))}
      </ol>
      <Step lesson={lesson} step={lesson.steps[now.step]} at={now.step} />
    </aside>
  );
}
