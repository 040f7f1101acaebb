import { Button } from "@mantine/core";
import type { GainCheck } from "#src/domain/gainEstimate.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import { COMBINED } from "#src/state/gainSlice.ts";
import { moviesOf, selectedFile } from "#src/state/sessionState.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Icon } from "../shared/Icon.tsx";
import { Empty, FailureNote, Notice, Section, Verdict } from "../shared/PanelParts.tsx";
import { StatusGlyph } from "../shared/StatusGlyph.tsx";
import { counted, fixed, integer } from "../shared/format.ts";
import { BulletScale } from "./BulletScale.tsx";
import { ComparisonSection } from "./ComparisonSection.tsx";
import { GainHistogram } from "./GainHistogram.tsx";
import { isOutdated, shownEstimate } from "./gainSelect.ts";
import { SignalShares } from "./SignalShares.tsx";
import { answerStatus, answerWord, verdictTitle } from "./gainText.ts";

const scaleStart = { std: 0, spread: 1, peak: 1 } as const;
const shortTitle = { std: "sd", spread: "p97.5 / p2.5", peak: "max / p97.5" } as const;

function Answer({ check }: { check: GainCheck | undefined }) {
  if (check === undefined) return null;
  return (
    <>
      <div>{fixed(check.raw, 3)}</div>
      <div className="answer">
        <StatusGlyph kind={answerStatus[check.answer]} word={answerWord[check.answer]} size={12} />
      </div>
    </>
  );
}

/** The three limits of the paper, judged on the signal and not on the figure as read. */
function Thresholds({ movie, all }: { movie: GainReport | null; all: GainReport | null }) {
  const report = all ?? movie;
  if (report === null) return null;
  return (
    <Section>
      <table className="numbers thresholds">
        <thead>
          <tr>
            <th>Threshold</th>
            <th>
              <span className="row">
                <svg width="16" height="8" aria-hidden>
                  <rect width="16" height="8" fill="url(#hatch)" />
                </svg>
                noise
                <svg width="4" height="10" aria-hidden>
                  <path d="M2 0V10" stroke="var(--text)" strokeWidth="2" />
                </svg>
                limit
              </span>
            </th>
            {movie !== null && <th className="right">○ this movie</th>}
            {all !== null && (
              <th className="right">
                <span className="tone-accent">◆</span> all {integer(all.movies.length)}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {report.verdict.checks.map((check) => {
            const ofMovie = movie?.verdict.checks.find((c) => c.name === check.name);
            const ofAll = all?.verdict.checks.find((c) => c.name === check.name);
            return (
              <tr key={check.name} title={check.text}>
                <td>
                  <div className="strong">{shortTitle[check.name]}</div>
                  <div className="caption">limit {fixed(check.limit, 3)}</div>
                </td>
                <td>
                  <BulletScale
                    from={scaleStart[check.name]}
                    limit={check.limit}
                    floor={report.floors[check.name]}
                    movie={ofMovie?.raw ?? null}
                    all={ofAll?.raw ?? null}
                  />
                </td>
                {movie !== null && (
                  <td className="right">
                    <Answer check={ofMovie} />
                  </td>
                )}
                {all !== null && (
                  <td className="right strong">
                    <Answer check={ofAll} />
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className="caption">
        {movie !== null && `${integer(movie.counts.total)} counts per pixel in one movie`}
        {movie !== null && all !== null && ", "}
        {all !== null &&
          `${integer(all.counts.total)} ${movie === null ? "counts per pixel " : ""}in all ${integer(all.movies.length)}`}
        . Limits after Sorzano et al. 2018, judged with the noise taken off.
      </p>
    </Section>
  );
}

const columns = [
  ["mean", "mean"],
  ["std", "sd"],
  ["min", "min"],
  ["p2_5", "2.5 %"],
  ["p25", "25 %"],
  ["p50", "50 %"],
  ["p75", "75 %"],
  ["p97_5", "97.5 %"],
  ["max", "max"],
] as const;

function StatisticsTable({ movie, all }: { movie: GainReport | null; all: GainReport | null }) {
  const rows = [
    ...(movie === null ? [] : [{ name: "this", report: movie, strong: all === null }]),
    ...(all === null ? [] : [{ name: "all", report: all, strong: true }]),
  ];
  return (
    <Section>
      <table className="numbers statistics" aria-label="Statistics of pixel gain G">
        <thead>
          <tr>
            <th>G</th>
            {columns.map(([, title]) => (
              <th key={title} className="right">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, report, strong }) => (
            <tr key={name} className={strong ? "strong" : ""}>
              <td className="second">{name}</td>
              {columns.map(([key, title]) => (
                <td key={title} className="right" data-testid={`${name}-${key}`}>
                  {fixed(report.statistics[key], 3)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

/** Part of the signal that no specimen makes. Records of earlier versions do not have it. */
function Certain({ title, of }: { title: string; of: { variance: number } | null | undefined }) {
  if (of === null || of === undefined) return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>{fixed(Math.sqrt(Math.max(0, of.variance)), 4)}</dd>
    </>
  );
}

/** A verdict's sentence without the answer, which is the title above it. */
function withoutAnswer(text: string): string {
  const rest = text.replace(/^(Not decidable|Warning): /, "");
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

/** Verdict, thresholds, distribution, statistics, cautions, comparison. */
export function ResidualTab() {
  const shown = useAppState(shownEstimate);
  const file = useAppState((s) => selectedFile(s.session));
  const movieReport = useAppState((s) =>
    s.session.selected === null ? null : (s.gain.reports[s.session.selected] ?? null),
  );
  const all = useAppState((s) => s.gain.reports[COMBINED] ?? null);
  const failure = useAppState((s) => (shown === null ? undefined : s.gain.failures[shown]));
  const outdated = useAppState((s) => shown !== null && isOutdated(s, shown));
  const running = useAppState((s) => s.runs.active);
  const movies = useAppState((s) => moviesOf(s.session).length);
  const { estimateGain, estimateAllGains, retryOpening } = useActions();
  const report = shown === COMBINED ? all : movieReport;

  if (report === null) {
    if (file !== null && file.failure !== null)
      return <FailureNote failure={file.failure} onRetry={() => void retryOpening(file.id)} />;
    if (failure !== undefined)
      return <FailureNote failure={failure} onRetry={() => void estimateGain()} />;
    if (running !== null && running.fileId === shown)
      return (
        <Empty>
          {running.progress?.step ?? "Starting"}
          {running.progress !== null && running.progress.total > 0
            ? `, ${integer(running.progress.done)} of ${integer(running.progress.total)}`
            : ""}
        </Empty>
      );
    if (file?.kind !== "movie")
      return <Empty>Choose a movie in the table: its gain is estimated from its frames.</Empty>;
    return (
      <Empty
        action={
          <div className="row">
            <Button
              leftSection={<Icon name="play" size={14} />}
              onClick={() => void estimateGain()}
            >
              Estimate the gain
            </Button>
            {movies > 1 && (
              <Button variant="default" onClick={() => void estimateAllGains()}>
                Estimate {counted(movies, "movie")}
              </Button>
            )}
          </div>
        }
      >
        The gain of this movie has not been estimated yet.
      </Empty>
    );
  }
  return (
    <>
      <Verdict
        kind={outdated ? "outdated" : answerStatus[report.verdict.answer]}
        title={verdictTitle(report)}
        detail={
          <>
            {withoutAnswer(report.verdict.text)}{" "}
            {report.residual ? "Judged after the reference" : "Judged"}: {report.verdict.scope}.
          </>
        }
      />
      {outdated && (
        <Notice kind="outdated">
          The parameters have changed since.{" "}
          <button
            type="button"
            className="text-button link"
            onClick={() => void (shown === COMBINED ? estimateAllGains() : estimateGain())}
          >
            Redo {shown === COMBINED ? counted(report.movies.length, "movie") : "this movie"}
          </button>
        </Notice>
      )}
      {failure !== undefined && (
        <FailureNote failure={failure} onRetry={() => void estimateGain()} />
      )}
      {report.cautions.map((caution) => (
        <Notice key={caution.code}>{caution.text}</Notice>
      ))}
      <Thresholds movie={movieReport} all={all} />
      <Section title="Distribution" caption="bad pixels left out">
        <GainHistogram report={report} />
      </Section>
      <StatisticsTable movie={movieReport} all={all} />
      <Section
        title="How much of it is signal"
        caption={`${counted(report.counts.framesUsed.length, "frame")} of ${integer(report.counts.framesInMovie)}`}
      >
        {report.structure !== null && (
          <SignalShares structure={report.structure} movies={report.movies.length} />
        )}
        <dl className="pairs">
          <dt>sd of G as read</dt>
          <dd>{fixed(report.statistics.std, 4)}</dd>
          <dt>sd of a flat detector with these counts</dt>
          <dd>{fixed(report.noiseFloor, 4)}</dd>
          <dt>
            {report.verdict.scope.includes("single pixels")
              ? "sd with the noise taken off, single pixels counted in"
              : "sd with the noise taken off"}
          </dt>
          <dd className="strong">{fixed(report.signalStd, 4)}</dd>
          <Certain title="sd of lines, as all of a row or column shows it" of={report.lineSignal} />
          <Certain
            title="sd from pixel to pixel, as runs of frames share it"
            of={report.pixelSignal}
          />
        </dl>
      </Section>
      <ComparisonSection report={report} />
    </>
  );
}
