import { useDeferredValue, useState } from "react";
import { trend } from "#src/state/overviewModel.ts";
import { trendRows, watchedMetrics } from "#src/state/trendRows.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { IconButton } from "../shared/Choice.tsx";
import { Icon } from "../shared/Icon.tsx";
import { StatusGlyph } from "../shared/StatusGlyph.tsx";
import { integer } from "../shared/format.ts";

/** Lasting changes of the session in words; the link picks the movies before and after. */
export function ChangeBars() {
  const rows = useDeferredValue(useAppState(trendRows));
  const chosen = useAppState((s) => s.overview.trends);
  const dismissed = useAppState((s) => s.overview.dismissed);
  const residual = useAppState((s) => s.session.reference !== null);
  const { pickRow, dismissChange, openWorkspace, setGainView } = useActions();
  const [at, setAt] = useState(0);
  const notices = watchedMetrics(rows, chosen)
    .flatMap((metric) => trend(metric, rows, residual).changes)
    .filter(({ title }) => !dismissed.includes(title));
  const titles = new Set<string>();
  const distinct = notices.filter(({ title }) => !titles.has(title) && titles.add(title));
  if (distinct.length === 0) return null;
  const { metric, title, detail, first, last } = distinct[at % distinct.length];
  const gain = metric.startsWith("gain");
  return (
    <div className="change-bar" role="note">
      <StatusGlyph kind="warn" />
      <p>
        <b className="strong">{title}</b> {detail}
      </p>
      <button
        type="button"
        className="text-button link"
        onClick={() => {
          pickRow(last.id, "only");
          pickRow(first.id, "range");
          if (!gain) return;
          setGainView({ tab: "time" });
          openWorkspace("gain");
        }}
      >
        {gain ? "Before and after" : "Show the movies"}
      </button>
      {distinct.length > 1 && (
        <button type="button" className="text-button" onClick={() => setAt(at + 1)}>
          {integer((at % distinct.length) + 1)} of {integer(distinct.length)}
          <Icon name="right" size={12} />
        </button>
      )}
      <IconButton icon="close" label="Put this notice away" onClick={() => dismissChange(title)} />
    </div>
  );
}
