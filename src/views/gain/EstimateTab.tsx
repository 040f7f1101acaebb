import { Button, NumberInput, Radio, Switch } from "@mantine/core";
import { DEFAULT_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import { moviesOf } from "#src/state/sessionState.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { IconButton } from "../shared/Choice.tsx";
import { Section } from "../shared/PanelParts.tsx";
import { Plot } from "../shared/Plot.tsx";
import { counted, fixed, integer, significant } from "../shared/format.ts";
import { shownReport } from "./gainSelect.ts";
import { ProtocolSection } from "./ProtocolSection.tsx";
import { ReferenceSection } from "./ReferenceSection.tsx";
import { methods, parameterHelp } from "./gainText.ts";

type ParameterName = keyof typeof parameterHelp;

const limits: Readonly<Record<ParameterName, { min: number; max: number; step: number }>> = {
  iterations: { min: 1, max: 50, step: 1 },
  frameStep: { min: 1, max: 1000, step: 1 },
  grouping: { min: 1, max: 1000, step: 1 },
  sigma: { min: 0, max: 20, step: 0.5 },
  maxSigma: { min: 0, max: 20, step: 0.5 },
  sigmaStep: { min: 0.1, max: 5, step: 0.1 },
  unitsPerElectron: { min: 0.001, max: 100_000, step: 1 },
};

function shownDefault(name: ParameterName): string {
  const value = DEFAULT_GAIN_PARAMETERS[name];
  return value === null || value === "auto" ? "automatic" : String(value);
}

/** One parameter: automatic or a number, its one sentence, old → new and a reset when changed. */
function ParameterField({ name, chosen }: { name: ParameterName; chosen: string | null }) {
  const value = useAppState((s) => s.gain.parameters[name]);
  const { setGainParameters, resetGainParameter } = useActions();
  const { title, help } = parameterHelp[name];
  const automatic = value === "auto" || value === null;
  const changed = value !== DEFAULT_GAIN_PARAMETERS[name];
  const free: number | "auto" | null = name === "unitsPerElectron" ? null : "auto";
  const canBeAutomatic = !["maxSigma", "sigmaStep"].includes(name);
  return (
    <div className="parameter">
      <div className="parameter-head">
        <label htmlFor={`gain-${name}`}>{title}</label>
        {changed && (
          <span className="tone-accent strong">
            {shownDefault(name)} → {automatic ? "automatic" : String(value)}
          </span>
        )}
        <span className="spacer" />
        {changed && (
          <IconButton
            icon="undo"
            label={`Reset ${title.toLowerCase()}`}
            onClick={() => resetGainParameter(name)}
          />
        )}
        <NumberInput
          id={`gain-${name}`}
          size="xs"
          w={112}
          {...limits[name]}
          value={automatic ? "" : value}
          placeholder={chosen === null ? "automatic" : `auto: ${chosen}`}
          onChange={(next) => {
            if (typeof next === "number") setGainParameters({ [name]: next });
            else if (next === "" && canBeAutomatic) setGainParameters({ [name]: free });
          }}
        />
      </div>
      <p className="caption">{help}</p>
    </div>
  );
}

/** "0.5", or "0 – 1" where groups of frames differ. */
function rangeOf(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? String(least) : `${String(least)} – ${String(most)}`;
}

export function EstimateTab() {
  const parameters = useAppState((s) => s.gain.parameters);
  const deviations = useAppState((s) => s.gain.deviations);
  const residual = useAppState((s) => s.gain.residual);
  const reference = useAppState((s) => s.session.reference);
  const report = useAppState(shownReport);
  const movies = useAppState((s) => moviesOf(s.session).length);
  const {
    setGainParameters,
    setGainPreset,
    setResidual,
    setDeviations,
    estimateGain,
    estimateAllGains,
  } = useActions();
  const midway = parameters.method.startsWith("sme");
  const counts = report?.counts ?? null;
  const names: ParameterName[] = midway
    ? [
        "iterations",
        "frameStep",
        "grouping",
        "sigma",
        ...(parameters.sigma === "auto" ? (["maxSigma", "sigmaStep"] as const) : []),
        "unitsPerElectron",
      ]
    : ["iterations", "frameStep", "unitsPerElectron"];
  const chosen: Partial<Record<ParameterName, string>> =
    report === null || counts === null
      ? {}
      : {
          ...(report.iterations.length === 0
            ? {}
            : { iterations: integer(report.iterations.length) }),
          grouping: integer(counts.framesPerGroup),
          unitsPerElectron: significant(counts.unitsPerElectron, 3),
        };
  return (
    <>
      <Section title="Method">
        <Radio.Group
          aria-label="Method"
          value={parameters.method}
          onChange={(method) => setGainParameters({ method: method })}
        >
          {methods.map((method) => (
            <Radio
              key={method.id}
              value={method.id}
              label={method.title}
              description={method.does}
              size="xs"
              mb={8}
            />
          ))}
        </Radio.Group>
        <Switch
          size="xs"
          checked={residual && reference !== null}
          disabled={reference === null}
          label="Apply the reference first: estimate what it leaves"
          {...(reference === null ? { description: "Open a gain reference to use this." } : {})}
          onChange={(event) => setResidual(event.currentTarget.checked)}
        />
        <Switch
          mt={8}
          size="xs"
          checked={deviations}
          label="Also the estimate of Afanasyev et al. 2015, as a picture beside it"
          onChange={(event) => setDeviations(event.currentTarget.checked)}
        />
      </Section>
      <Section
        title="Parameters"
        caption={
          <>
            <button
              type="button"
              className="text-button link"
              onClick={() => setGainPreset("ours")}
            >
              Defaults
            </button>
            <button
              type="button"
              className="text-button link"
              title="One iteration over every fifth frame, as Xmipp's protocol runs it, defects included"
              onClick={() => setGainPreset("protocol")}
            >
              As Xmipp
            </button>
          </>
        }
      >
        {names.map((name) => (
          <ParameterField key={name} name={name} chosen={chosen[name] ?? null} />
        ))}
        {parameters.parity === "xmipp" && (
          <p className="caption">Repeats the reference program, its defects included.</p>
        )}
        <div className="row" style={{ marginTop: 8 }}>
          <Button onClick={() => void estimateGain()}>Estimate this movie</Button>
          {movies > 1 && (
            <Button variant="default" onClick={() => void estimateAllGains()}>
              Estimate {counted(movies, "movie")}
            </Button>
          )}
        </div>
      </Section>
      {report !== null && <ReferenceSection report={report} />}
      <ProtocolSection />
      {report !== null && counts !== null && (
        <>
          {report.iterations.length > 0 && (
            <Section title="Iterations" caption="rms change of G over good pixels">
              <Plot
                name={`${report.name}_iterations`}
                summary={`Change of G in each of ${counted(report.iterations.length, "iteration")}: the last one ${significant(report.iterations.at(-1)?.change ?? 0, 2)}.`}
                xTitle="iteration"
                yTitle="‖ΔG‖"
                height={160}
                logY
                xTicks={{
                  at: report.iterations.map((_, i) => i + 1),
                  text: report.iterations.map((_, i) => String(i + 1)),
                }}
                series={[
                  {
                    name: "change",
                    kind: "line",
                    colour: "--accent",
                    x: report.iterations.map((_, i) => i + 1),
                    y: report.iterations.map((it) => it.change),
                  },
                  ...(report.iterations.some((it) => it.noise !== null)
                    ? [
                        {
                          name: "noise",
                          kind: "line",
                          colour: "--before",
                          dash: true,
                          x: report.iterations.flatMap((it, i) =>
                            it.noise === null ? [] : [i + 1],
                          ),
                          y: report.iterations.flatMap((it) =>
                            it.noise === null ? [] : [it.noise],
                          ),
                        } as const,
                      ]
                    : []),
                ]}
              />
            </Section>
          )}
          <Section title="What was chosen" caption={`${fixed(report.seconds, 1)} s`}>
            <dl className="pairs">
              <dt>Frames used</dt>
              <dd>
                {integer(counts.framesUsed.length)} of {integer(counts.framesInMovie)}, in groups of{" "}
                {integer(counts.framesPerGroup)}
              </dd>
              <dt>Counts per pixel, in a frame and in all</dt>
              <dd>
                {significant(counts.perFrame, 3)}, {significant(counts.total, 3)}
              </dd>
              <dt>Units per electron</dt>
              <dd>
                {significant(counts.unitsPerElectron, 4)}, {counts.unitsSource}
              </dd>
              {report.sigmas.length > 0 && (
                <>
                  <dt>Sigma of columns, of rows, lines</dt>
                  <dd>
                    {rangeOf(report.sigmas.map((s) => s.column))},{" "}
                    {rangeOf(report.sigmas.map((s) => s.row))}
                  </dd>
                </>
              )}
            </dl>
            <ul className="sentences">
              {report.chosen.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </Section>
        </>
      )}
    </>
  );
}
