/** `frame[place[n]] = value[n]`, in place. Twin of shaders/replacePixels.wgsl. */
export function replacePixels(frame: Float32Array, place: Uint32Array, value: Float32Array): void {
  for (let n = 0; n < place.length; n++) frame[place[n]] = value[n];
}
