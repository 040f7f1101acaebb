import type { Page } from "@playwright/test";

/** A way to the DevTools of one isolate: the page, a worker, a worker's worker. */
interface Link {
  send(method: string, params?: object): Promise<Answer>;
  onEvent(listener: (method: string, params: EventParams) => void): void;
}

interface Answer {
  readonly usedSize?: number;
  readonly backingStorageSize?: number;
}

interface EventParams {
  readonly sessionId?: string;
  readonly message?: string;
  readonly targetInfo?: { readonly type: string; readonly url: string };
}

/** Bytes of one isolate after a collection. */
export interface IsolateHeap {
  /** "page", or the worker's script. */
  readonly name: string;
  /** Of the JS heap. */
  readonly used: number;
  /** Of array buffers: pictures, caches, what pools of buffers hold. */
  readonly buffers: number;
}

/** The link to a worker through the one of its owner. */
function linkBelow(owner: Link, sessionId: string): Link {
  const answers = new Map<number, (answer: Answer) => void>();
  const listeners: ((method: string, params: EventParams) => void)[] = [];
  let count = 0;
  owner.onEvent((method, params) => {
    if (method !== "Target.receivedMessageFromTarget" || params.sessionId !== sessionId) return;
    const told = JSON.parse(params.message ?? "{}") as {
      id?: number;
      result?: Answer;
      method?: string;
      params?: EventParams;
    };
    if (told.id !== undefined) answers.get(told.id)?.(told.result ?? {});
    else if (told.method !== undefined)
      for (const listener of listeners) listener(told.method, told.params ?? {});
  });
  return {
    onEvent: (listener) => void listeners.push(listener),
    send: async (method, params = {}) => {
      const id = ++count;
      const answer = new Promise<Answer>((resolve) => {
        answers.set(id, resolve);
        // A worker that has gone meanwhile holds nothing.
        setTimeout(() => resolve({}), 20_000);
      });
      const message = JSON.stringify({ id, method, params });
      await owner.send("Target.sendMessageToTarget", { sessionId, message });
      return await answer;
    },
  };
}

async function heapsBelow(name: string, link: Link): Promise<IsolateHeap[]> {
  const workers = new Map<string, string>();
  link.onEvent((method, { sessionId, targetInfo }) => {
    if (method === "Target.attachedToTarget" && sessionId !== undefined)
      if (targetInfo?.type === "worker")
        workers.set(sessionId, targetInfo.url.replace(/^.*\/|-[^-]*$/g, ""));
  });
  const attach = (autoAttach: boolean): Promise<Answer> =>
    link.send("Target.setAutoAttach", {
      ...{ autoAttach, waitForDebuggerOnStart: false, flatten: false },
    });
  await attach(true);
  await link.send("HeapProfiler.collectGarbage");
  const { usedSize = 0, backingStorageSize = 0 } = await link.send("Runtime.getHeapUsage");
  const heaps = [{ name, used: usedSize, buffers: backingStorageSize }];
  for (const [sessionId, worker] of workers)
    heaps.push(...(await heapsBelow(worker, linkBelow(link, sessionId))));
  await attach(false);
  return heaps;
}

/** The heaps of the page and of all its workers, each after a collection. */
async function measureHeaps(page: Page): Promise<readonly IsolateHeap[]> {
  const cdp = await page.context().newCDPSession(page);
  const names = ["Target.attachedToTarget", "Target.receivedMessageFromTarget"] as const;
  const root: Link = {
    send: async (method, params = {}) => await cdp.send(method as "Runtime.getHeapUsage", params),
    onEvent: (listener) => {
      for (const name of names) cdp.on(name, (params: EventParams) => listener(name, params));
    },
  };
  const heaps = await heapsBelow("page", root);
  await cdp.detach();
  return heaps;
}

/** How often, and how far apart, ms, heaps are measured to tell what is held from what passes through. */
const [TIMES, APART_MS] = [4, 400];

/**
 * As `measureHeaps`, the least of several: a movie that is just being read, or a table on its way into a worker,
 * is in one of them and not in the next; what is held is in all.
 */
export async function heldHeaps(page: Page): Promise<readonly IsolateHeap[]> {
  let least = await measureHeaps(page);
  for (let i = 1; i < TIMES; i++) {
    await page.waitForTimeout(APART_MS);
    const heaps = await measureHeaps(page);
    if (totalBytes(heaps) < totalBytes(least)) least = heaps;
  }
  return least;
}

export function totalBytes(heaps: readonly IsolateHeap[]): number {
  return heaps.reduce((sum, { used, buffers }) => sum + used + buffers, 0);
}
