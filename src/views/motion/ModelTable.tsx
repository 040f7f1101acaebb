import type { MotionReport } from "#src/domain/motionReport.ts";
import { fixed, integer } from "../shared/format.ts";
import { Term } from "./Term.tsx";

interface TriedModel {
  /** Null: the frame moves as one. */
  readonly points: string | null;
  readonly tau: number | null;
  readonly nats: number;
}

/** The ladder of models as the estimator writes it: "5x5x5 (tau 3.33) 60951" or "global 58652". */
function triedModels(chosen: MotionReport["chosen"]): TriedModel[] {
  return String(chosen.models ?? "")
    .split("; ")
    .flatMap((line) => {
      const found = /^(?:global|(\d+x\d+x\d+)(?: \(tau ([\d.e+-]+)\))?) (-?\d+)$/.exec(line);
      if (found === null) return [];
      const [, points, tau, nats] = found;
      return [
        { points: points ?? null, tau: tau === undefined ? null : Number(tau), nats: Number(nats) },
      ];
    });
}

function isTaken(
  { points, tau }: TriedModel,
  { controlPoints, tau: taken }: MotionReport["chosen"],
) {
  if (points === null) return controlPoints === "none";
  return points === controlPoints && (tau === null || Math.abs(tau - Number(taken)) < 0.01 * tau);
}

/** Which models were tried, what each explains beyond motion of the whole frame, and which was taken. */
export function ModelTable({ report }: { report: MotionReport }) {
  const models = triedModels(report.chosen);
  // Lengths of the model are px of the movie as it was measured.
  const binning = Number(report.chosen.measuredAtBinning ?? 1);
  const rigid = models.find(({ points }) => points === null);
  if (models.length === 0) return null;
  return (
    <table className="numbers models" data-testid="models">
      <thead>
        <tr>
          <th>
            <Term of="points">control points</Term>
          </th>
          <th className="right">
            <Term of="tau">may bend, px</Term>
          </th>
          <th className="right">
            <Term of="evidence">evidence over global, nats</Term>
          </th>
          <th />
        </tr>
      </thead>
      <tbody>
        {models.map((model) => {
          const { points, tau, nats } = model;
          const taken = isTaken(model, report.chosen);
          return (
            <tr
              key={`${points ?? "global"} ${tau ?? ""}`}
              {...(taken ? { className: "strong" } : {})}
            >
              <td>{points === null ? "global motion only" : points.replaceAll("x", " × ")}</td>
              <td className="right">
                {tau === null || points === null ? "–" : fixed(tau * binning, 2)}
              </td>
              <td className="right">
                {rigid === undefined ? integer(nats) : fixed(nats - rigid.nats, 0)}
              </td>
              <td className="right">{taken ? "taken" : ""}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
