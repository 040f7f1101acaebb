import { Button, Switch } from "@mantine/core";
import { useActions, useAppState } from "../AppContext.tsx";
import { Empty, Section } from "../shared/PanelParts.tsx";
import { fixed, integer } from "../shared/format.ts";
import { shownReport } from "./gainSelect.ts";

/** "none", or the numbers of the lines, counted from 0 as on the picture. */
function lines(numbers: readonly number[]): string {
  if (numbers.length === 0) return "none";
  return numbers.length > 6 ? integer(numbers.length) : numbers.map((n) => integer(n)).join(" ");
}

export function BadPixelsTab() {
  const report = useAppState(shownReport);
  const mask = useAppState((s) => s.view.badMask);
  const { setView, exportGain } = useActions();
  if (report === null) return <Empty>Bad pixels are known once the gain has been estimated.</Empty>;
  const sources = report.badSources;
  const share = (100 * report.badPixels) / (report.width * report.height);
  return (
    <Section title="Bad pixels" caption="left out of every statistic">
      <dl className="pairs">
        <dt>Marked bad</dt>
        <dd>
          {integer(report.badPixels)} of {integer(report.width * report.height)}, {fixed(share, 3)}{" "}
          %
        </dd>
        {sources !== null && (
          <>
            <dt>Dead: hardly any counts</dt>
            <dd>{integer(sources.dead)}</dd>
            <dt>Hot: more than twice their neighbourhood</dt>
            <dd>{integer(sources.hot)}</dd>
            {sources.noisy !== null && (
              <>
                <dt>Noisy: change over time far beyond counting noise</dt>
                <dd>{integer(sources.noisy)}</dd>
              </>
            )}
            <dt>Rows, columns</dt>
            <dd>
              {lines(sources.rows)}, {lines(sources.columns)}
            </dd>
            <dt>From the reference</dt>
            <dd>{integer(sources.reference)}</dd>
          </>
        )}
      </dl>
      {sources !== null && (
        <p className="caption">
          Of all good pixels, {fixed(sources.falseAlarms, 2)} are expected to be taken for hot
          {sources.noisy === null ? "" : " or noisy"} ones by chance.
        </p>
      )}
      <Switch
        mt={8}
        mb={8}
        size="xs"
        label="Show them over the picture (M)"
        checked={mask}
        onChange={(event) => setView({ badMask: event.currentTarget.checked })}
      />
      <div className="form-row">
        <Button variant="default" onClick={() => void exportGain(report.id, "bad")}>
          Save mask as MRC
        </Button>
        <Button variant="default" onClick={() => void exportGain(report.id, "defects")}>
          Save as text for MotionCor2, RELION
        </Button>
      </div>
    </Section>
  );
}
