import { createCpuBackend } from "#src/compute/cpuBackend.ts";
import { jobDefinitions } from "#src/compute/jobs.ts";
import { createInlinePort, createWorkerPool } from "#src/compute/workerPool.ts";
import { DEFAULT_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import type { GainAnswer, GainEstimate } from "#src/domain/gainEstimate.ts";
import { estimateGain } from "#src/pipeline/estimateGain.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { referenceFor, VERDICT_MOVIES } from "#src/simulation/verdictMovies.ts";
import type { VerdictMovie } from "#src/simulation/verdictMovies.ts";

export interface VerdictCounts {
  readonly name: string;
  readonly right: VerdictMovie["right"];
  readonly counts: Readonly<Record<GainAnswer, number>>;
}

/** Judges `seeds` movies of every kind whose name holds one of `words`, as the command does without options. */
export async function* studyVerdicts(
  seeds: number,
  firstSeed: number,
  words: readonly string[],
  onEstimate: (seed: number, estimate: GainEstimate) => void,
): AsyncGenerator<VerdictCounts, void, undefined> {
  const pool = createWorkerPool(() => createInlinePort(jobDefinitions), 1);
  const backend = createCpuBackend(pool);
  for (const kind of VERDICT_MOVIES) {
    if (!words.some((word) => kind.name.includes(word))) continue;
    const counts: Record<GainAnswer, number> = { pass: 0, "not-decidable": 0, warn: 0 };
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      const movie = createSimulatedMovie({ ...kind.options, seed });
      const reader = movie.reader("movie.mrcs", { keep: true });
      const estimate = await estimateGain(
        reader,
        referenceFor(kind, movie),
        DEFAULT_GAIN_PARAMETERS,
        { backend },
      );
      await reader.close();
      counts[estimate.verdict.answer]++;
      onEstimate(seed, estimate);
    }
    yield { name: kind.name, right: kind.right, counts };
  }
  await backend.dispose();
}
