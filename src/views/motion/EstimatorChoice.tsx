import { useActions, useAppState } from "../AppContext.tsx";
import { Choice } from "../shared/Choice.tsx";

/** Whose arithmetic estimates the motion. */
export function EstimatorChoice() {
  const parity = useAppState((s) => s.motion.parameters.parity);
  const { setMotionParameters } = useActions();
  return (
    <div className="parameter">
      <div className="parameter-head">
        <span id="motion-estimator">Estimator</span>
        <span className="spacer" />
        <Choice
          label="Estimator"
          value={parity ? "flexalign" : "cryoloupe"}
          options={[
            { value: "cryoloupe", label: "Cryoloupe" },
            { value: "flexalign", label: "FlexAlign (parity)" },
          ]}
          onChange={(value) => setMotionParameters({ parity: value === "flexalign" })}
        />
      </div>
      <p className="caption">
        {parity
          ? "Xmipp FlexAlign's own arithmetic and defaults, to compare with it: all pairs of frames at 30 Å, its reference frame, no error of its own."
          : "Each frame against the sum of the others, weighted by the movie's own signal, local motion as far as the evidence goes; FlexAlign compares all pairs of frames at 30 Å."}
      </p>
    </div>
  );
}
