import { Button, Menu, NumberInput, Switch } from "@mantine/core";
import { effectiveSwitches, GAIN_SWITCHES, switchRefusal } from "#src/domain/gainProtocol.ts";
import type { FinalGainSource, GainSwitch } from "#src/domain/gainProtocol.ts";
import { moviesOf } from "#src/state/sessionState.ts";
import type { ProtocolFile } from "#src/state/protocolSlice.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { counted, integer } from "../shared/format.ts";
import { Icon } from "../shared/Icon.tsx";
import { FailureNote, Notice, Section } from "../shared/PanelParts.tsx";

const titles: Readonly<Record<GainSwitch, string>> = {
  estimate: "Estimate the gain from the movies",
  orientation: "Find the pose of the reference",
  residual: "Estimate what the final gain leaves",
  normalise: "Normalise the final gain to mean 1",
};

const sources: Readonly<Record<FinalGainSource, string>> = {
  oriented: "Oriented reference",
  external: "Reference as given",
  estimated: "Estimated gain",
};

const files: readonly { readonly what: ProtocolFile; readonly title: string }[] = [
  { what: "star", title: "movies.star, for RELION" },
  { what: "xmd", title: "movies.xmd, for Xmipp" },
  { what: "provenance", title: "Provenance of the final gain, JSON" },
];

/** Of TIFF movies, which Xmipp reads without reversing their rows. */
const storedFiles: readonly { readonly what: ProtocolFile; readonly title: string }[] = [
  { what: "gainStored", title: "Final gain in the rows of the TIFF files, MRC" },
  { what: "xmdStored", title: "movies.xmd in Xmipp's rows" },
];

/** The protocol's four switches over all movies, and the final gain that comes out. */
export function ProtocolSection() {
  const { switches, movieStep, failure } = useAppState((s) => s.protocol);
  const hasReference = useAppState((s) => s.session.reference !== null);
  const movies = useAppState((s) => moviesOf(s.session).length);
  const running = useAppState((s) => s.runs.active !== null);
  const { setProtocolSwitch, setMovieStep, runProtocol } = useActions();
  const acting = effectiveSwitches(switches, hasReference);
  const selected = Math.ceil(movies / movieStep);
  return (
    <Section title="Movie Gain protocol" caption="all steps over the movies of the session">
      {GAIN_SWITCHES.map((name) => {
        const refusal = switchRefusal(name, switches, hasReference);
        return (
          <Switch
            key={name}
            mb={8}
            size="xs"
            checked={acting[name]}
            disabled={refusal !== null}
            label={titles[name]}
            {...(refusal === null ? {} : { description: refusal })}
            onChange={(event) => setProtocolSwitch(name, event.currentTarget.checked)}
          />
        );
      })}
      <div className="parameter">
        <div className="parameter-head">
          <label htmlFor="movie-step">Movie step</label>
          <span className="spacer" />
          <NumberInput
            id="movie-step"
            size="xs"
            w={112}
            min={1}
            max={10_000}
            value={movieStep}
            onChange={(next) => {
              if (typeof next === "number" && Number.isInteger(next) && next >= 1)
                setMovieStep(next);
            }}
          />
        </div>
        <p className="caption">
          Looks at every N-th movie from the first; the protocol takes 250. Now {integer(selected)}{" "}
          of {counted(movies, "movie")}.
        </p>
      </div>
      <div className="row" style={{ marginTop: 8 }}>
        <Button
          variant="default"
          disabled={running || movies === 0}
          onClick={() => void runProtocol()}
        >
          Run the protocol on {counted(selected, "movie")}
        </Button>
      </div>
      {failure !== null && <FailureNote failure={failure} onRetry={() => void runProtocol()} />}
      <Final />
    </Section>
  );
}

function Final() {
  const { final, stability, rowsReversed } = useAppState((s) => s.protocol);
  const { saveProtocol } = useActions();
  if (final === null) return null;
  const offered = rowsReversed ? [...files, ...storedFiles] : files;
  return (
    <>
      <dl className="pairs" style={{ marginTop: 12 }}>
        <dt>Final gain</dt>
        <dd>{sources[final.source]}</dd>
        <dt>Scale</dt>
        <dd>{final.normalised ? "mean 1 over good pixels" : "as in its file"}</dd>
        <dt>Bad pixels</dt>
        <dd>{integer(final.badPixels)}</dd>
      </dl>
      <p className="caption">{final.why}</p>
      {rowsReversed && (
        <p className="caption">
          TIFF movies are read with their rows reversed, as RELION and MotionCor2/3 do: the final
          gain as MRC fits them there. Xmipp reads the rows as they are stored: give it the gain in
          the rows of the TIFF files and the table that names it.
        </p>
      )}
      {stability.length > 0 && (
        <div className="section-notices">
          {stability.map((finding) => (
            <Notice key={finding}>{finding}</Notice>
          ))}
        </div>
      )}
      <div className="row" style={{ marginTop: 8 }}>
        <Button
          variant="default"
          leftSection={<Icon name="download" size={14} />}
          onClick={() => void saveProtocol("gain")}
        >
          Save final gain
        </Button>
        <Menu position="bottom-start">
          <Menu.Target>
            <Button variant="default">Save tables</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {offered.map(({ what, title }) => (
              <Menu.Item key={what} onClick={() => void saveProtocol(what)}>
                {title}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
    </>
  );
}
