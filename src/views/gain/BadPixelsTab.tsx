import { Button, Switch } from "@mantine/core";
import { useActions, useAppState } from "../AppContext.tsx";
import { Empty, Section } from "../shared/PanelParts.tsx";
import { fixed, integer } from "../shared/format.ts";
import { shownReport } from "./gainSelect.ts";

export function BadPixelsTab() {
  const report = useAppState(shownReport);
  const mask = useAppState((s) => s.view.badMask);
  const { setView, exportGain } = useActions();
  if (report === null) return <Empty>Bad pixels are known once the gain has been estimated.</Empty>;
  const share = (100 * report.badPixels) / (report.width * report.height);
  return (
    <Section title="Bad pixels" caption="left out of every statistic">
      <dl className="pairs">
        <dt>Marked bad</dt>
        <dd>
          {integer(report.badPixels)} of {integer(report.width * report.height)}, {fixed(share, 3)}{" "}
          %
        </dd>
      </dl>
      <Switch
        mt={8}
        mb={8}
        size="xs"
        label="Show them over the picture (M)"
        checked={mask}
        onChange={(event) => setView({ badMask: event.currentTarget.checked })}
      />
      <Button variant="default" onClick={() => void exportGain(report.id, "bad")}>
        Save mask as MRC
      </Button>
    </Section>
  );
}
