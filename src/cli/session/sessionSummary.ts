import { basename, relative } from "node:path";
import type { Failure } from "#src/domain/errors.ts";
import type { AppliedGain } from "#src/domain/records/appliedGain.ts";
import { stabilityFindings } from "#src/math/stability.ts";
import { stabilityOf } from "#src/pipeline/gainProtocol.ts";
import type { SessionGain } from "./gainStage.ts";
import type { MovieFailure } from "./movieFolder.ts";
import { shortNumbers } from "./sessionOutputs.ts";
import type { SessionFacts } from "./sessionRows.ts";
import type { SessionSample } from "./sessionSampling.ts";

/** Why a session ended before its end; "running" = it has not ended. */
export type Stopped = "interrupted" | "failed" | "running" | null;

export interface SummaryFacts {
  readonly directory: string;
  readonly out: string;
  readonly facts: SessionFacts;
  readonly unreadable: readonly MovieFailure[];
  readonly skipped: readonly string[];
  readonly gain: SessionGain | null;
  readonly gainApplied: AppliedGain | null;
  /** Where micrographs are, and what computed them; null = movies are not aligned. */
  readonly align: { readonly out: string; readonly backend: string | null } | null;
  readonly sample: SessionSample;
  readonly stopped: Stopped;
  readonly started: Date;
}

/** What a session has found, as its last line and `session.json` tell it. */
export function sessionSummary(of: SummaryFacts): {
  readonly json: Readonly<Record<string, unknown>>;
  readonly failures: readonly Partial<Failure>[];
} {
  const { directory, facts, gain, sample, align } = of;
  const { turns } = facts;
  const numbers = facts.gains.map((line) => line.estimate);
  const residuals = numbers.filter((e) => e.residual);
  const estimates = numbers.filter((e) => !e.residual);
  const paths = new Map(turns.map(({ movie }) => [movie.id, movie.path]));
  const failures = [
    ...of.unreadable,
    ...(gain?.failures ?? []),
    ...[...facts.failed.values()].flatMap((line) => {
      const path = paths.get(line.movie);
      return path === undefined
        ? []
        : [{ ...line.failure, step: line.of, movie: relative(directory, path) }];
    }),
    ...(sample.failure === null ? [] : [{ ...sample.failure, step: "sampling" }]),
  ];
  const named = (list: typeof numbers) => list.map((e) => ({ file: e.name, ...shortNumbers(e) }));
  return {
    failures,
    json: {
      movies: turns.length,
      skipped: of.skipped,
      selected: turns.flatMap((t) => (t.lookAtGain ? [basename(t.movie.path)] : [])),
      ...gain?.summary,
      gainApplied: of.gainApplied,
      estimates: named(estimates),
      residuals: named(residuals),
      stability: stabilityFindings((residuals.length > 0 ? residuals : estimates).map(stabilityOf)),
      align:
        align === null
          ? null
          : {
              movies: [...facts.motions.values()].map((line) => line.json),
              backend: align.backend,
              out: align.out,
            },
      sample: sample.json,
      failures,
      stopped: of.stopped,
      out: of.out,
      seconds: Math.round((Date.now() - of.started.getTime()) / 100) / 10,
    },
  };
}
