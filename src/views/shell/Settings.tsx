import { Modal, NumberInput } from "@mantine/core";
import { useActions, useAppState } from "../AppContext.tsx";
import { bytes } from "../shared/format.ts";

const GIB = 2 ** 30;

export function Settings() {
  const open = useAppState((s) => s.view.settingsOpen);
  const backend = useAppState((s) => s.backend);
  const { setView, setBudget } = useActions();
  const { info, failure, capabilities } = backend;
  return (
    <Modal
      opened={open}
      onClose={() => setView({ settingsOpen: false })}
      title="Compute"
      size={520}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <dl className="pairs">
        <dt>Backend</dt>
        <dd>
          {info === null
            ? (failure?.message ?? "starting")
            : info.kind === "webgpu"
              ? info.software
                ? "WebGPU in software"
                : "WebGPU"
              : "CPU"}
        </dd>
        <dt>Device</dt>
        <dd>{info?.name ?? "–"}</dd>
        <dt>Budget in use</dt>
        <dd>{info === null ? "–" : bytes(info.budgetBytes)}</dd>
      </dl>
      {info !== null && <p style={{ marginTop: 12 }}>{info.reason}</p>}
      {capabilities.webgpuHint !== null && (
        <p className="caption" style={{ marginTop: 8 }}>
          {capabilities.webgpuHint}
        </p>
      )}
      <NumberInput
        mt={16}
        label="Memory budget, GiB"
        description="Most that a run may hold; a movie that needs more is binned or refused with both numbers."
        min={0.25}
        max={64}
        step={0.25}
        decimalScale={2}
        defaultValue={backend.budgetBytes / GIB}
        onBlur={(event) => {
          const value = Number(event.currentTarget.value);
          if (value >= 0.25 && value <= 64 && value * GIB !== backend.budgetBytes)
            void setBudget(value * GIB);
        }}
      />
    </Modal>
  );
}
