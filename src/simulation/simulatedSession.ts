import { NO_METRICS } from "#src/domain/records/metrics.ts";
import type { MetricValues } from "#src/domain/records/metrics.ts";
import type { MovieRecord, StepKeys, StepResult } from "#src/domain/records/movieRecord.ts";
import { createRandom } from "#src/math/random.ts";

/** Events of a simulated session, at their places from 0. */
export interface SimulatedEvents {
  /** The gain's sd rises by this from this movie on; null = it stays. */
  readonly step: { readonly at: number; readonly by: number } | null;
  /** The counts fall by a share between two movies. */
  readonly dip: { readonly from: number; readonly to: number; readonly share: number } | null;
  /** Share of movies with far too much motion. */
  readonly jumps: number;
  /** Every how many movies one fails; 0 = none. */
  readonly failEvery: number;
}

export const QUIET_EVENTS: SimulatedEvents = { step: null, dip: null, jumps: 0, failEvery: 0 };

/**
 * Records as a session of `count` movies would keep them, from a seed: numbers only, no movie is made. For
 * tests with known truth and for looking at a long session. sd of G 0.032 ± 0.002, drift log-normal about
 * 9 Å, 1.55 ± 0.012 counts, defocus 0.8 to 2.4 µm in turn, a movie every 70 s.
 * @param keys  of the results, so that they are those of the present settings
 */
export function simulateSession(
  count: number,
  seed: number,
  events: SimulatedEvents,
  keys: StepKeys,
): MovieRecord[] {
  const random = createRandom(seed);
  const start = Date.UTC(2024, 4, 17, 9, 12);
  return Array.from({ length: count }, (_, i): MovieRecord => {
    const stepped = events.step !== null && i >= events.step.at ? events.step.by : 0;
    const gainSd = 0.032 + 0.002 * random.normal() + stepped;
    const dimmed = events.dip !== null && i >= events.dip.from && i < events.dip.to;
    const share = dimmed ? 1 - events.dip.share : 1;
    const jump = random.uniform() < events.jumps ? 3.5 : 1;
    const driftA = 9 * Math.exp(0.25 * random.normal()) * jump;
    const earlyA = driftA * (0.25 + 0.1 * random.uniform());
    const metrics: MetricValues = {
      ...NO_METRICS,
      gainSd,
      gainSpread: Math.exp(3.92 * gainSd) * (1 + 0.003 * random.normal()),
      gainPeak: 1.4 + 0.05 * random.normal(),
      meanCounts: 1.55 * share + 0.012 * random.normal(),
      driftA,
      earlyA,
      lateA: driftA - earlyA,
      localRmsA: 0.9 * Math.exp(0.3 * random.normal()),
      defocusA: 8000 + 2000 * (i % 9) + 400 * random.normal(),
      resolutionA: 3.6 * Math.exp(0.12 * random.normal()),
    };
    const failed = events.failEvery > 0 && i % events.failEvery === events.failEvery - 1;
    const name = `simulated_${String(i + 1).padStart(5, "0")}.tif`;
    const at = start + i * 70_000;
    const done = (key: string): StepResult => ({
      key,
      at,
      seconds: 0,
      backend: "simulated",
      flags: [],
      files: [],
      failure: null,
    });
    const track = simulatedTrack(() => random.uniform(), driftA);
    return {
      id: `simulated-${i}`,
      path: name,
      name,
      size: 0,
      lastModified: at,
      order: i,
      hand: null,
      failure: failed
        ? {
            code: "truncated-file",
            message: `Reading ${name} stopped at frame 12: 22 118 bytes expected, 18 204 found. Copy the file again, then Retry.`,
          }
        : null,
      metrics: failed ? NO_METRICS : metrics,
      track: failed ? null : track,
      steps: failed ? {} : { gain: done(keys.gain), motion: done(keys.motion) },
      sampled: false,
      image: null,
    };
  });
}

function simulatedTrack(uniform: () => number, length: number): { x: number[]; y: number[] } {
  const angle = 2 * Math.PI * uniform();
  const bend = 2 * (uniform() - 0.5);
  const [x, y]: [number[], number[]] = [[], []];
  for (let t = 0; t <= 1; t += 1 / 11) {
    const a = angle + bend * t;
    x.push(length * t ** 0.7 * Math.cos(a));
    y.push(length * t ** 0.7 * Math.sin(a));
  }
  return { x, y };
}
