import type { Failure } from "#src/domain/errors.ts";
import type { NamedPreview, Region } from "#src/domain/preprocessPreview.ts";
import { actedAt } from "#src/platform/inputClock.ts";
import type { ActionContext } from "./context.ts";
import {
  REGION_SIDE,
  formKey,
  problemsOf,
  recipeOf,
  selectedMicrograph,
} from "./micrographSlice.ts";
import type { AppState } from "./appState.ts";
import type { MicrographForm, SessionMicrograph, ShownPreview } from "./micrographSlice.ts";

/** Iterations after which a picture of the denoiser is shown before it has ended. */
const SHOWN_ITERATIONS = [2, 12];

export interface Previewer {
  /** The whole of the selected micrograph, as a step of the run queue. */
  whole(): Promise<void>;
}

/** The region that is shown, around its middle. */
export function regionOf(
  { width, height }: { readonly width: number; readonly height: number },
  at: { readonly x: number; readonly y: number },
): Region {
  const side = (extent: number): number => Math.min(REGION_SIDE, extent);
  const from = (extent: number, share: number): number =>
    Math.round(Math.max(0, Math.min(extent - side(extent), share * extent - side(extent) / 2)));
  return {
    x: from(width, at.x),
    y: from(height, at.y),
    width: side(width),
    height: side(height),
  };
}

/** What decides the live preview; it is made anew when this changes. */
function wanted(state: AppState): string {
  const file = selectedMicrograph(state);
  if (state.view.workspace !== "micrograph" || file === null) return "";
  const { form, regionAt } = state.micrograph;
  return JSON.stringify([file.fileId, file.version, formKey(form), regionAt]);
}

/**
 * Keeps the live preview up to date: one request at a time, then the newest that is wanted. Denoising shows a first
 * result after a few iterations and then refines, until something else is wanted.
 */
export function createPreviewer({ store, client, queue, update, log }: ActionContext): Previewer {
  let count = 0;
  let shown = "";
  /** The run that may be cancelled: one that refines what is shown. */
  let refining: string | null = null;
  let busy = false;
  const plotting = new Set<"region" | "whole">();
  /** What was wanted last, and since when. */
  let asked = { key: "", at: 0 };

  const show = (
    slot: "region" | "whole",
    file: SessionMicrograph,
    form: MicrographForm,
    preview: NamedPreview,
    missingIterations: number,
    askedAt: number,
  ): void => {
    const before = store.getState().micrograph[slot];
    const value: ShownPreview = {
      fileId: file.fileId,
      madeWith: formKey(form),
      preview,
      missingIterations,
      askedAt,
      curves: before?.fileId === file.fileId ? before.curves : null,
    };
    update("micrograph", () => ({ [slot]: value, previewFailure: null }));
    void plot(slot);
  };

  /** Fetches what is plotted of the slot's picture, behind the picture; of those that come meanwhile the last. */
  const plot = async (slot: "region" | "whole"): Promise<void> => {
    if (plotting.has(slot)) return;
    plotting.add(slot);
    for (;;) {
      const of = store.getState().micrograph[slot]?.preview.afterId;
      if (of === undefined || of === store.getState().micrograph[slot]?.curves?.of) break;
      const outcome = await client.call((api) => api.micrograph.curves(of));
      if (!outcome.ok) {
        log(outcome.failure.message, { level: "error" });
        break;
      }
      const compared = outcome.value;
      const now = store.getState().micrograph[slot];
      if (compared !== null && now !== null)
        update("micrograph", () => ({ [slot]: { ...now, curves: { of, compared } } }));
      // Replaced in the worker, and nothing newer is shown: there will be no curves of it.
      else if (now?.preview.afterId === of) break;
    }
    plotting.delete(slot);
  };

  const fail = (failure: Failure): void => {
    if (failure.code !== "cancelled") update("micrograph", () => ({ previewFailure: failure }));
  };

  const preview = async (key: string): Promise<void> => {
    const { at } = asked;
    const state = store.getState();
    const file = selectedMicrograph(state);
    if (file === null) return;
    const { source } = file;
    const { form, regionAt } = state.micrograph;
    if (problemsOf(form, file).length > 0) return;
    const region = regionOf(file, regionAt);
    const recipe = recipeOf(form);
    const { denoise } = recipe.operations;
    const all = denoise?.iterations ?? 0;
    let missing = all;
    let first = true;
    for (const enough of [...SHOWN_ITERATIONS.filter((some) => 2 * some < all), null]) {
      // An earlier preview may have left more than is asked for.
      if (!first && (missing === 0 || (enough !== null && all - missing >= enough))) continue;
      const id = `region/${++count}`;
      const runId = `preview-${count}`;
      // A first result is always shown: while a slider is being moved there would be none otherwise.
      refining = first ? null : runId;
      first = false;
      const outcome = await client.run(runId, {}, (api, run, callbacks) =>
        api.micrograph.preview(run, callbacks, {
          id,
          source,
          version: file.version,
          region,
          recipe,
          enough,
        }),
      );
      refining = null;
      if (!outcome.ok) {
        fail(outcome.failure);
        return;
      }
      if (selectedMicrograph(store.getState())?.fileId !== file.fileId) return;
      const { denoise: done } = outcome.value.report;
      missing = done?.ended === "iterations" ? all - done.iterations : 0;
      show("region", file, form, outcome.value, missing, at);
      if (wanted(store.getState()) !== key) return;
    }
  };

  const pump = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    for (let key = wanted(store.getState()); key !== shown; key = wanted(store.getState())) {
      shown = key;
      if (key === "") continue;
      update("micrograph", () => ({ previewing: true }));
      await preview(key);
    }
    busy = false;
    if (store.getState().micrograph.previewing) update("micrograph", () => ({ previewing: false }));
  };

  store.subscribe((state) => {
    const key = wanted(state);
    if (key !== asked.key) asked = { key, at: actedAt() };
    if (key === shown) return;
    if (refining !== null) client.cancel(refining);
    void pump();
  });

  return {
    whole: async () => {
      const state = store.getState();
      const file = selectedMicrograph(state);
      if (file === null) return;
      const { source } = file;
      const { form } = state.micrograph;
      if (problemsOf(form, file).length > 0) return;
      const at = actedAt();
      const id = `whole/${++count}`;
      const outcome = await queue.add(
        {
          title: `The whole of ${file.name}`,
          fileId: file.fileId,
          fileName: file.name,
          ask: (api, runId, callbacks) =>
            api.micrograph.preview(runId, callbacks, {
              id,
              source,
              version: file.version,
              region: null,
              recipe: recipeOf(form),
              enough: null,
            }),
        },
        { first: true },
      );
      if (outcome.ok) show("whole", file, form, outcome.value, 0, at);
      else fail(outcome.failure);
    },
  };
}
