import { Button } from "@mantine/core";
import { figureOf } from "#src/state/overTime.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice } from "../shared/Choice.tsx";
import { counted, fixed, integer } from "../shared/format.ts";
import { Icon } from "../shared/Icon.tsx";
import { Empty, Section } from "../shared/PanelParts.tsx";
import { StatusGlyph } from "../shared/StatusGlyph.tsx";
import { answerStatus, answerWord } from "./gainText.ts";
import { useGallery } from "./useGallery.ts";
import type { GalleryItem } from "./useGallery.ts";

const WORDS = { estimated: "estimated gain", residual: "residual gain" } as const;

/** Statistics of a set of gains, a row for each movie, and what can be done with the set. */
export function GalleryTab() {
  const { set, items, oriented, counts } = useGallery();
  const shownResidual = useAppState((s) => s.gain.residual);
  const { showGainSet, saveGainSet, saveOrientedGain } = useActions();
  if (set === "oriented")
    return oriented === null ? (
      <Empty>
        The oriented gain is the session's reference in the pose in use, with mean 1 and multiplied.
      </Empty>
    ) : (
      <Section title="Oriented gain" caption={oriented.referenceName}>
        <dl className="pairs">
          <dt>Pose</dt>
          <dd>
            {oriented.poseName}
            {oriented.orientation.inverted ? ", inverted" : ""}
          </dd>
          <dt>Size</dt>
          <dd>
            {integer(oriented.width)} × {integer(oriented.height)} px
          </dd>
          <dt>sd of G</dt>
          <dd>{fixed(oriented.statistics.std, 4)}</dd>
          <dt>2.5 %, 97.5 %</dt>
          <dd>
            {fixed(oriented.statistics.p2_5, 4)}, {fixed(oriented.statistics.p97_5, 4)}
          </dd>
          <dt>min, max</dt>
          <dd>
            {fixed(oriented.statistics.min, 4)}, {fixed(oriented.statistics.max, 4)}
          </dd>
          <dt>Bad pixels</dt>
          <dd>{integer(oriented.badPixels)}</dd>
        </dl>
        <div className="form-row" style={{ marginTop: 12 }}>
          <Button
            variant="default"
            leftSection={<Icon name="download" size={14} />}
            onClick={() => void saveOrientedGain(oriented.orientation)}
          >
            Save oriented_gain.mrc
          </Button>
        </div>
        <p className="caption">The reference file is never changed.</p>
      </Section>
    );
  if (items.length === 0)
    return (
      <Empty>
        {set === "residual"
          ? "Residual gains are kept beside the estimates: one of each for every movie."
          : "The gains of the movies will stand here with their figures."}
      </Empty>
    );
  const both = counts.estimated > 0 && counts.residual > 0;
  return (
    <Section
      title="Statistics of pixel gain G"
      caption={`${WORDS[set]} of ${counted(items.length, "movie")}, as read`}
    >
      <Statistics items={items} />
      <div className="form-row" style={{ marginTop: 12 }}>
        <Button
          variant="default"
          leftSection={<Icon name="download" size={14} />}
          onClick={() => void saveGainSet(set)}
        >
          Save {set}_gains.csv
        </Button>
      </div>
      {both && (
        <>
          <Choice
            label="Gains in the other tabs"
            value={shownResidual ? "residual" : "estimated"}
            options={[
              { value: "estimated", label: "Estimated everywhere" },
              { value: "residual", label: "Residual everywhere" },
            ]}
            onChange={showGainSet}
          />
          <p className="caption" style={{ marginTop: 6 }}>
            Which of the two the table, the other tabs and the trends show.
          </p>
        </>
      )}
    </Section>
  );
}

function Statistics({ items }: { items: readonly GalleryItem[] }) {
  const selected = useAppState((s) => s.session.selected);
  const { select } = useActions();
  return (
    <table className="numbers gallery-table" aria-label="Statistics of each movie">
      <thead>
        <tr>
          <th>Movie</th>
          <th className="right">sd</th>
          <th className="right">signal</th>
          <th className="right">2.5 %</th>
          <th className="right">97.5 %</th>
          <th className="right">p97.5∕p2.5</th>
          <th className="right">max∕p97.5</th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ report, name }) => (
          <tr
            key={report.kept}
            aria-selected={report.id === selected}
            onClick={() => select(report.id)}
          >
            <td className="ellipsis">
              <StatusGlyph kind={answerStatus[report.verdict.answer]} size={12} />{" "}
              <span className="visually-hidden">{answerWord[report.verdict.answer]}</span>
              <button type="button" className="text-button link" title={report.name}>
                {name}
              </button>
            </td>
            <td className="right">{fixed(report.statistics.std, 3)}</td>
            <td className="right">
              {report.signalStd === null ? "–" : fixed(report.signalStd, 3)}
            </td>
            <td className="right">{fixed(report.statistics.p2_5, 3)}</td>
            <td className="right">{fixed(report.statistics.p97_5, 3)}</td>
            <td className="right">{fixed(figureOf("spread", report), 3)}</td>
            <td className="right">{fixed(figureOf("peak", report), 3)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
