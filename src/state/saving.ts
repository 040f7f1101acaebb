import type { PictureKey } from "#src/domain/picture.ts";
import { saveBlob } from "#src/platform/fileAccess.ts";
import { paintRaster } from "./paintRaster.ts";
import type { PictureService } from "./pictureService.ts";
import type { ViewState } from "./viewSlice.ts";

/** Saves text as a file of the browser's downloads. */
export function saveText(name: string, text: string, type = "text/plain;charset=utf-8"): void {
  saveBlob(name, new Blob([text], { type }));
}

export function saveBytes(name: string, bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): void {
  saveBlob(name, new Blob([bytes], { type: "application/octet-stream" }));
}

/** Saves a data URL. */
export function saveUrl(name: string, url: string): void {
  const comma = url.indexOf(",");
  const head = url.slice(5, comma);
  const body = url.slice(comma + 1);
  const bytes = head.endsWith(";base64")
    ? Uint8Array.from(atob(body), (c) => c.charCodeAt(0))
    : new TextEncoder().encode(decodeURIComponent(body));
  saveBlob(name, new Blob([bytes], { type: head.split(";")[0] }));
}

/**
 * Saves a whole picture as an 8-bit grey PNG, one pixel for each of its own, with the contrast of its
 * 0.5 % and 99.5 % values and the display's inversion; bad pixels in red when their mask is shown.
 */
export async function savePicture(
  name: string,
  pictures: PictureService,
  key: PictureKey,
  view: Pick<ViewState, "inverted" | "badMask">,
): Promise<void> {
  const { width, height, low, high } = await pictures.summary(key);
  const raster = await pictures.raster({
    key,
    x: 0,
    y: 0,
    width,
    height,
    columns: width,
    rows: height,
  });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (context === null) return;
  const image = context.createImageData(width, height);
  const badColour = view.badMask ? ([232, 62, 62] as const) : null;
  paintRaster(raster, { low, high, inverted: view.inverted, badColour }, image.data);
  context.putImageData(image, 0, 0);
  saveBlob(name, await canvas.convertToBlob({ type: "image/png" }));
}
