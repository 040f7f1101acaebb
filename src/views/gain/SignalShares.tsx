import type { GainPart, GainPartsReport } from "#src/domain/gainEstimate.ts";
import { fixed, integer, significant } from "../shared/format.ts";

const titles: Readonly<Record<GainPart["name"], string>> = {
  columns: "Columns",
  rows: "Rows",
  chips: "Tiles",
  plane: "Plane",
  pixels: "Pixels",
};

/** How much of each part of the gain is known: bars of 0 – 100 %, and what that leaves. */
export function SignalShares({ structure }: { structure: GainPartsReport }) {
  const { parts, driftPx, expectedError, moviesForTwoPercent } = structure;
  return (
    <>
      <div className="shares">
        {parts.map(({ name, share, deviation }) => (
          <div key={name}>
            <div className="caption">{titles[name]}</div>
            <div className="row">
              <span className="share-bar" aria-hidden>
                <i style={{ width: `${100 * (share ?? 1)}%` }} />
              </span>
              <span>{share === null ? "as read" : `${integer(100 * share)} %`}</span>
            </div>
            <div className="caption">sd {fixed(deviation, 3)}</div>
          </div>
        ))}
      </div>
      <dl className="pairs">
        <dt>Expected error of G, rms over pixels</dt>
        <dd>{fixed(expectedError, 4)}</dd>
        {driftPx !== null && (
          <>
            <dt>The specimen moved by</dt>
            <dd>{fixed(driftPx, 1)} px</dd>
          </>
        )}
        {moviesForTwoPercent !== null && moviesForTwoPercent > 0 && (
          <>
            <dt>Movies like this for an error of 2 %</dt>
            <dd>about {significant(moviesForTwoPercent, 2)}</dd>
          </>
        )}
      </dl>
      {driftPx !== null && (
        <p className="caption shares-note">
          What moves less than a pixel cannot be told from gain.
        </p>
      )}
    </>
  );
}
