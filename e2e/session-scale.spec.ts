import type { CDPSession, Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { openSession, stepCounts, watchOwnFolder, writeMovies } from "./sessionPage.ts";

/** Movies that are streamed; with 300 and more the memory of the last hundred is held against the first. */
const COUNT = Number(process.env.CRYOLOUPE_SESSION_MOVIES ?? 40);
const FIRST = Math.min(100, Math.round(COUNT / 4));

test.describe.configure({ timeout: 120_000 + COUNT * 4000 });

interface HeapUsage {
  readonly usedSize: number;
  /** Array buffers: pictures, caches, what pools of buffers hold. */
  readonly backingStorageSize: number;
}

const bytesOf = (usage: Partial<HeapUsage> | undefined): number =>
  (usage?.usedSize ?? 0) + (usage?.backingStorageSize ?? 0);

/** Bytes of the JS heaps and array buffers of the page and its workers, after a collection of each. */
async function heapBytes(cdp: CDPSession): Promise<number> {
  const workers = new Set<string>();
  const answers = new Map<number, (used: number) => void>();
  let count = 0;
  cdp.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
    if (targetInfo.type === "worker") workers.add(sessionId);
  });
  cdp.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { id, result } = JSON.parse(message) as { id: number; result?: Partial<HeapUsage> };
    answers.get(id)?.(bytesOf(result));
  });
  const ask = async (sessionId: string, method: string): Promise<number> => {
    const id = ++count;
    const answer = new Promise<number>((resolve) => {
      answers.set(id, resolve);
      setTimeout(() => resolve(0), 5000);
    });
    await cdp.send("Target.sendMessageToTarget", {
      sessionId,
      message: JSON.stringify({ id, method }),
    });
    return await answer;
  };
  await cdp.send("Target.setAutoAttach", {
    autoAttach: true,
    waitForDebuggerOnStart: false,
    flatten: false,
  });
  await cdp.send("HeapProfiler.collectGarbage");
  let sum = bytesOf(await cdp.send("Runtime.getHeapUsage"));
  for (const worker of workers) {
    await ask(worker, "HeapProfiler.collectGarbage");
    sum += await ask(worker, "Runtime.getHeapUsage");
  }
  await cdp.send("Target.setAutoAttach", {
    autoAttach: false,
    waitForDebuggerOnStart: false,
    flatten: false,
  });
  return sum;
}

async function measureHeap(page: Page): Promise<number> {
  const cdp = await page.context().newCDPSession(page);
  const bytes = await heapBytes(cdp);
  await cdp.detach();
  return bytes;
}

/** Gathers the time between a key and its handling, ms. */
async function watchInput(page: Page): Promise<void> {
  await page.evaluate(() => {
    const delays: number[] = [];
    Object.assign(globalThis, { inputDelays: delays });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as PerformanceEventTiming[])
        if (entry.name === "keydown") delays.push(entry.processingStart - entry.startTime);
    }).observe({ type: "event", durationThreshold: 16, buffered: true } as PerformanceObserverInit);
  });
}

const inputDelays = (page: Page): Promise<number[]> =>
  page.evaluate(() => (globalThis as unknown as { inputDelays: number[] }).inputDelays);

/** Waits until so many movies are done, pressing keys as a user who looks through the table. */
async function untilDone(page: Page, wanted: number): Promise<void> {
  for (;;) {
    if ((await stepCounts(page)).done >= wanted) return;
    for (let i = 0; i < 5; i++) {
      await page.keyboard.press(i % 2 === 0 ? "ArrowDown" : "ArrowUp");
      await page.waitForTimeout(150);
    }
  }
}

const runsBegun = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { runs } = cryoloupeDiagnose.state();
    return runs.active === null ? 0 : Number(runs.active.id.replace("run-", ""));
  });

test(`${COUNT} movies are streamed, each processed once, in bounded memory, over a reload`, async ({
  page,
}) => {
  await openSession(page, "&backend=cpu");
  await page.evaluate(() => cryoloupeDiagnose.actions.setPlan({ spectra: false }));
  await watchOwnFolder(page, "scale");
  await watchInput(page);
  const half = Math.round(COUNT / 2);
  const writing = writeMovies(page, { folder: "scale", from: 1, count: half });
  await untilDone(page, FIRST);
  const first = await measureHeap(page);
  await writing;
  await untilDone(page, half - Math.min(20, Math.round(half / 4)));
  const delays = await inputDelays(page);
  const begunBefore = await runsBegun(page);
  const before = await page.evaluate(() =>
    Object.values(cryoloupeDiagnose.state().project.records).map((r) => [
      r.id,
      r.steps.motion?.at ?? 0,
    ]),
  );
  // Killed in the middle: no chance to put anything away.
  await page.reload();
  await watchInput(page);
  await writeMovies(page, { folder: "scale", from: half + 1, count: COUNT - half });
  await untilDone(page, COUNT);
  const last = await measureHeap(page);
  delays.push(...(await inputDelays(page)));
  const counts = await stepCounts(page);
  expect(counts).toEqual({ movies: COUNT, done: COUNT, failed: 0 });
  const after = new Map(
    await page.evaluate(() =>
      Object.values(cryoloupeDiagnose.state().project.records).map(
        (r) => [r.id, r.steps.motion?.at ?? 0] as const,
      ),
    ),
  );
  // What was kept before the reload was not computed again. A step begins when the one before is kept: the
  // last result alone can have been made and not yet kept when the page was killed.
  const again = before.filter(([id, at]) => at !== 0 && after.get(String(id)) !== at);
  expect(again.length).toBeLessThanOrEqual(1);
  const lastMade = Math.max(...before.map(([, at]) => Number(at)));
  for (const [, at] of again) expect(at).toBe(lastMade);
  const worst = delays.length === 0 ? 0 : Math.max(...delays);
  const sorted = [...delays].sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      movies: COUNT,
      heapFirstMB: Number((first / 1e6).toFixed(1)),
      heapLastMB: Number((last / 1e6).toFixed(1)),
      ratio: Number((last / first).toFixed(3)),
      inputDelayWorstMs: Math.round(worst),
      inputDelay99Ms: Math.round(sorted[Math.floor(0.99 * sorted.length)] ?? 0),
      keysMeasured: delays.length,
      runsBegunBeforeReload: begunBefore,
      doneBeforeReload: before.filter(([, at]) => at !== 0).length,
    }),
  );
  if (COUNT >= 300) expect(last / first).toBeLessThan(1.1);
});
