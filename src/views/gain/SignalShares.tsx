import type { GainPartsReport } from "#src/domain/gainEstimate.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { fixed, integer, significant } from "../shared/format.ts";
import { partTitles } from "./gainText.ts";

/**
 * How much of each part of the gain is known: bars of 0 – 100 %, and what that leaves. A part's name
 * shows its picture.
 */
export function SignalShares({
  structure,
  movies,
}: {
  structure: GainPartsReport;
  /** Movies behind the estimate. */
  movies: number;
}) {
  const { parts, driftPx, expectedError } = structure;
  const picture = useAppState((s) => s.gain.picture);
  const { setGainView } = useActions();
  return (
    <>
      <div className="shares">
        {parts.map(({ name, share, deviation }) => (
          <div key={name}>
            <button
              type="button"
              className="text-button link caption"
              aria-pressed={picture === `part-${name}`}
              title={`Show the ${partTitles[name].toLowerCase()} as a picture`}
              onClick={() => setGainView({ picture: `part-${name}`, sideBySide: false })}
            >
              {partTitles[name]}
            </button>
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
      </dl>
      <p className="shares-note">{precisionSentence(structure, movies)}</p>
      {driftPx !== null && (
        <p className="caption shares-note">
          What moves less than a pixel cannot be told from gain.
        </p>
      )}
    </>
  );
}

/** The counts still needed for an error of 2 %. */
function precisionSentence(
  { expectedError, moviesForTwoPercent }: GainPartsReport,
  movies: number,
): string {
  const counted = movies === 1 ? "this" : "these";
  if (moviesForTwoPercent === 0) return `The gain is known to ${fixed(100 * expectedError, 1)} %.`;
  if (moviesForTwoPercent === null)
    return `No number of movies like ${counted} brings the error to 2 %: too little of the pattern is visible.`;
  return `2 % needs about ${significant(moviesForTwoPercent, 2)} more ${moviesForTwoPercent === 1 ? "movie" : "movies"} like ${counted}.`;
}
