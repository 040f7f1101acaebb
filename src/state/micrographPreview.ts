import type { Failure } from "#src/domain/errors.ts";
import type { NamedPreview, Region } from "#src/domain/preprocessPreview.ts";
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

/** Iterations of the first, quick picture of the denoiser. */
const FIRST_ITERATIONS = 4;

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
 * Keeps the live preview up to date: one request at a time, the newest wins, an older one is cancelled.
 * Denoising shows a first result after a few iterations and then refines.
 */
export function createPreviewer({
  store,
  client,
  queue,
  pictures,
  update,
}: ActionContext): Previewer {
  let count = 0;
  let shown = "";
  let running: string | null = null;
  let busy = false;

  const show = (
    slot: "region" | "whole",
    file: SessionMicrograph,
    form: MicrographForm,
    preview: NamedPreview,
    missingIterations: number,
  ): void => {
    // Of earlier pictures nothing has to be remembered; the one before stays while the field does.
    pictures.forget(`stored/micrograph/${slot}/`);
    const value: ShownPreview = {
      fileId: file.fileId,
      madeWith: formKey(form),
      preview,
      missingIterations,
    };
    update("micrograph", () => ({ [slot]: value, previewFailure: null }));
  };

  const fail = (failure: Failure): void => {
    if (failure.code !== "cancelled") update("micrograph", () => ({ previewFailure: failure }));
  };

  const preview = async (key: string): Promise<void> => {
    const state = store.getState();
    const file = selectedMicrograph(state);
    if (file === null) return;
    const { source } = file;
    const { form, regionAt } = state.micrograph;
    if (problemsOf(form, file).length > 0) return;
    const region = regionOf(file, regionAt);
    const recipe = recipeOf(form);
    const { denoise } = recipe.operations;
    const passes =
      denoise !== null && denoise.iterations > 2 * FIRST_ITERATIONS
        ? [FIRST_ITERATIONS, denoise.iterations]
        : [denoise?.iterations ?? 0];
    for (const iterations of passes) {
      const id = `region/${++count}`;
      const runId = `preview-${count}`;
      running = runId;
      const operations =
        denoise === null ? recipe.operations : { ...recipe.operations, denoise: { iterations } };
      const outcome = await client.run(runId, {}, (api, run, callbacks) =>
        api.micrograph.preview(run, callbacks, {
          id,
          source,
          version: file.version,
          region,
          recipe: { ...recipe, operations },
        }),
      );
      running = null;
      if (!outcome.ok) fail(outcome.failure);
      if (wanted(store.getState()) !== key) return;
      if (!outcome.ok) return;
      show("region", file, form, outcome.value, (denoise?.iterations ?? 0) - iterations);
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
    if (wanted(state) === shown) return;
    if (running !== null) client.cancel(running);
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
            }),
        },
        { first: true },
      );
      if (outcome.ok) show("whole", file, form, outcome.value, 0);
      else fail(outcome.failure);
    },
  };
}
