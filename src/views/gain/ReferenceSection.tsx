import { Button } from "@mantine/core";
import type { GainReport } from "#src/domain/gainReport.ts";
import { estimateWarnings } from "#src/domain/records/estimatedReference.ts";
import { estimateInUse, estimateMark } from "#src/state/estimatedReferences.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { counted, fixed, integer } from "../shared/format.ts";
import { Icon } from "../shared/Icon.tsx";
import { Notice, Section } from "../shared/PanelParts.tsx";
import { useShortcuts } from "../shared/useShortcuts.ts";
import { answerWord } from "./gainText.ts";

/** Takes the estimate that is shown as the session's gain reference, with what speaks for and against it. */
export function ReferenceSection({ report }: { report: GainReport }) {
  const inUse = useAppState((s) => estimateInUse(s.session));
  const comparison = useAppState((s) => s.gain.comparisons[report.id] ?? null);
  const name = useAppState(
    (s) => s.session.files.find((f) => f.id === s.session.reference)?.name ?? null,
  );
  const { useEstimateAsReference: takeEstimate, undoEstimatedReference } = useActions();
  const used = inUse?.mark === estimateMark(report);
  useShortcuts({ "Ctrl+z": () => undoEstimatedReference() });
  const r2 = used ? inUse.r2 : (comparison?.comparison.r2 ?? null);
  return (
    <Section title="As the gain reference">
      <dl className="pairs">
        <dt>Estimated from</dt>
        <dd>{report.movies.length > 1 ? counted(report.movies.length, "movie") : report.name}</dd>
        <dt>Verdict, counts per pixel</dt>
        <dd>
          {answerWord[report.verdict.answer]}, {integer(report.counts.total)}
        </dd>
        <dt>R² with {used ? "the reference before" : (name ?? "a reference")}</dt>
        <dd>{r2 === null ? "none to compare with" : fixed(r2, 3)}</dd>
      </dl>
      {used ? (
        <p className="second" style={{ marginTop: 8 }}>
          {inUse.name} is the gain reference of this session. Corrections of motion made without it
          are outdated until they are run again.
        </p>
      ) : (
        <>
          <p className="caption" style={{ margin: "8px 0" }}>
            No estimate is applied by itself: alignment hardly gains from it, and specimen in it
            would go into every micrograph.
          </p>
          <div className="section-notices">
            {estimateWarnings(report).map((warning) => (
              <Notice key={warning}>{warning}</Notice>
            ))}
          </div>
        </>
      )}
      <div className="row" style={{ marginTop: 8 }}>
        {!used && (
          <Button variant="default" onClick={() => void takeEstimate(report.id)}>
            Use as gain reference
          </Button>
        )}
        {inUse !== null && (
          <Button
            variant="default"
            leftSection={<Icon name="undo" size={14} />}
            onClick={() => undoEstimatedReference()}
          >
            {used ? "Undo" : `Undo ${inUse.name}`}
          </Button>
        )}
      </div>
    </Section>
  );
}
