// Windowed patches of two frames each as one complex image:
//   pairs[y][b][x] = window[y] window[x] (F_t(corner_t + (x, y)) + i F_(t+1)(corner_(t+1) + (x, y)))
// for b = item * ceil(frames / 2) + t / 2; 0 outside of the frame and for a frame beyond the last
//
// slab: [slabFrames][height][width] f32, the frames from firstFrame (even) on
// corners: [items][frames] of (x, y)
// window: [side]
// pairs: [side][items * ceil(frames / 2)][side] complex, so that rows and columns are batches of one stride
// Dispatch: gridOf(ceil(items * ceil(slabFrames / 2) * side * side / 64)), one thread a place of a pair.
// Twin: PatchEngine (src/math/motion/patchEngine.ts)

struct Params {
  width: u32,
  height: u32,
  side: u32,
  items: u32,
  frames: u32,
  firstFrame: u32,
  slabFrames: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> slab: array<f32>;
@group(0) @binding(2) var<storage, read> corners: array<vec2i>;
@group(0) @binding(3) var<storage, read> window: array<f32>;
@group(0) @binding(4) var<storage, read_write> pairs: array<vec2f>;

fn pixel(item: u32, t: u32, x: i32, y: i32) -> f32 {
  let place = corners[item * params.frames + t] + vec2i(x, y);
  let inside = place.x >= 0 && place.y >= 0 && place.x < i32(params.width) && place.y < i32(params.height);
  if (!inside) {
    return 0.0;
  }
  let row = (t - params.firstFrame) * params.height + u32(place.y);
  return slab[row * params.width + u32(place.x)];
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = (group.y * groups.x + group.x) * 64u + local;
  let side = params.side;
  let here = (params.slabFrames + 1u) / 2u;
  let x = index % side;
  let y = (index / side) % side;
  let member = index / (side * side);
  let item = member / here;
  if (item >= params.items) {
    return;
  }
  let t = params.firstFrame + 2u * (member - item * here);
  var value = vec2f(pixel(item, t, i32(x), i32(y)), 0.0);
  if (t + 1u < params.frames) {
    value.y = pixel(item, t + 1u, i32(x), i32(y));
  }
  let perItem = (params.frames + 1u) / 2u;
  let b = item * perItem + t / 2u;
  pairs[(y * params.items * perItem + b) * side + x] = window[y] * window[x] * value;
}
