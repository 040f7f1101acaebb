import { Switch } from "@mantine/core";
import { PREPROCESS_ORDER, PREPROCESS_TITLES } from "#src/domain/preprocess.ts";
import type { PreprocessOperationName } from "#src/domain/preprocess.ts";
import type { PreprocessProblem } from "#src/domain/preprocessCheck.ts";
import { useActions } from "../AppContext.tsx";
import { StatusGlyph } from "../shared/StatusGlyph.tsx";
import { OperationFields } from "./OperationFields.tsx";
import { OPERATION_HELP, operationLine } from "./operationText.ts";
import type { CardFacts } from "./operationText.ts";

/** One of the ten: switch, name, numbers in a line; unfolded its fields and what to mind. */
export function OperationCard({
  name,
  open,
  size,
  problems,
  ...facts
}: CardFacts & {
  name: PreprocessOperationName;
  open: boolean;
  size: { readonly width: number; readonly height: number } | null;
  problems: readonly PreprocessProblem[];
}) {
  const { switchOperation, setMicrographView, resetOperation } = useActions();
  const on = facts.form.on[name];
  const title = PREPROCESS_TITLES[name];
  const own = problems.filter((problem) => problem.operation === name);
  const number = PREPROCESS_ORDER.indexOf(name) + 1;
  const body = `operation-${name}`;
  return (
    <li className={`operation ${open ? "open" : ""} ${on ? "on" : ""}`}>
      <div className="operation-head">
        <span className="operation-number" aria-hidden>
          {number}
        </span>
        <Switch
          size="xs"
          withThumbIndicator={false}
          aria-label={title}
          checked={on}
          onChange={(event) => switchOperation(name, event.currentTarget.checked)}
        />
        <button
          type="button"
          className="operation-title"
          aria-expanded={open}
          aria-controls={body}
          onClick={() => setMicrographView({ open: open ? null : name })}
        >
          <span className="operation-name">{title}</span>
          {own.length > 0 && <StatusGlyph kind="failed" />}
          <span className="operation-line ellipsis">{operationLine(name, facts)}</span>
        </button>
      </div>
      {open && (
        <div className="operation-body" id={body}>
          <OperationFields name={name} size={size} problems={own} {...facts} />
          {own.map((problem) => (
            <p key={problem.message} className="operation-problem" role="alert">
              {problem.message}
            </p>
          ))}
          <p className="caption">
            {OPERATION_HELP[name]}{" "}
            {name !== "invert" && name !== "normalize" && (
              <button
                type="button"
                className="text-button link inline"
                onClick={() => resetOperation(name)}
              >
                Protocol's numbers
              </button>
            )}
          </p>
        </div>
      )}
    </li>
  );
}
