import type { Progress } from "#src/domain/progress.ts";

/** Progress as lines: one for every tenth of a step and not more than one a second. */
export function createProgressLine(
  say: (line: string) => void,
  name: string,
): (progress: Progress) => void {
  let lastStep = "";
  let lastTime = 0;
  let lastTenth = -1;
  return ({ step, done, total, bytes }) => {
    const tenth = total > 0 ? Math.floor((10 * done) / total) : 0;
    const now = performance.now();
    const fresh = step !== lastStep;
    if (!fresh && (tenth === lastTenth || now - lastTime < 1000)) return;
    [lastStep, lastTime, lastTenth] = [step, now, tenth];
    const amount = bytes === undefined ? "" : `, ${(bytes / 1e6).toFixed(0)} MB`;
    say(`${name}: ${step} ${done}/${total}${amount}`);
  };
}
