import type { MotionReport } from "#src/domain/motionReport.ts";
import { useAppState } from "../AppContext.tsx";
import { Notice, Section } from "../shared/PanelParts.tsx";
import { fixed, integer } from "../shared/format.ts";
import { GridFields } from "./GridFields.tsx";
import { ModelTable } from "./ModelTable.tsx";
import { NumberField } from "./MotionParameterFields.tsx";
import { PatchMaps } from "./PatchMaps.tsx";
import { Term } from "./Term.tsx";

/** Patches, maps of what is uncertain, and the models that were tried. */
export function PatchesTab({ report }: { report: MotionReport | null }) {
  const { patches, parity } = useAppState((s) => s.motion.parameters);
  const side = report?.chosen.patchSidePx;
  const group = report?.chosen.group;
  const sideText =
    typeof side === "number" ? integer(Math.round(side * (report?.pixelSizeA ?? 1))) : undefined;
  return (
    <>
      <Section title="Local motion">
        <GridFields chosen={report?.chosen ?? null} />
        <NumberField name="minPatchA" chosen={parity ? "500" : sideText} />
        {patches === "auto" && <NumberField name="overlap" chosen={parity ? undefined : "0.5"} />}
        <NumberField
          name="group"
          chosen={parity ? "3" : typeof group === "number" ? integer(group) : undefined}
        />
      </Section>
      {report?.fallbackReason != null && (
        <Notice kind="undecided">
          {report.fallbackReason}{" "}
          {report.fallbackReason.includes("nats") && <Term of="evidence">What are nats?</Term>}
        </Notice>
      )}
      {report !== null && <PatchMaps report={report} />}
      {report?.diagnostics != null && (
        <Section title="Model">
          <ModelTable report={report} />
          <ul className="sentences">
            {REJECTED.filter(({ name }) => report.chosen[name] !== undefined).map(
              ({ name, title }) => (
                <li key={name}>
                  {title}: {String(report.chosen[name])} left out beyond 3 sd
                </li>
              ),
            )}
          </ul>
          <p className="caption">{relionFitText(report)}</p>
        </Section>
      )}
    </>
  );
}

/** How well RELION's 18 coefficients an axis hold our field, in a sentence. */
export function relionFitText(report: MotionReport): string {
  if (report.localRmsPx === 0)
    return "RELION's file holds the global motion exactly; there is no local part.";
  const most =
    report.relionFitMaxPx === undefined ? "" : `, ${fixed(report.relionFitMaxPx, 3)} px at most`;
  return `RELION's polynomial of 18 coefficients an axis differs from this field by ${fixed(report.relionFitRmsPx, 3)} px rms${most}.`;
}

/** FlexAlign's least squares, in words. */
const REJECTED = [
  { name: "rejectedPairs", title: "Pairs of whole frames" },
  { name: "rejectedPatchPairs", title: "Pairs of frames in patches" },
  { name: "rejectedPlaces", title: "Patches at a time in the splines" },
] as const;
