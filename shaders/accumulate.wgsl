// total[i] += frame[i] * correction[i], or frame[i] / correction[i]
//
// frame: packed pixels as stored, [height, width]; type by `pixelType` (order of src/gpu/packed.ts:
//   0 u8, 1 i8, 2 u16, 3 i16, 4 u32, 5 i32, 6 f32)
// correction: [height, width] f32; not read when usage = 0; 1 = multiply, 2 = divide
// total: [height, width] f32. `replace` = 1 writes instead of adding.
// Dispatch: gridOf(ceil(count / 256)), one thread a pixel.

struct Params {
  count: u32,
  pixelType: u32,
  usage: u32,
  replace: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> frame: array<u32>;
@group(0) @binding(2) var<storage, read> correction: array<f32>;
@group(0) @binding(3) var<storage, read_write> total: array<f32>;

fn pixel(i: u32) -> f32 {
  switch params.pixelType {
    case 0u: { return f32((frame[i >> 2u] >> ((i & 3u) * 8u)) & 0xffu); }
    case 1u: { return f32(extractBits(bitcast<i32>(frame[i >> 2u]), (i & 3u) * 8u, 8u)); }
    case 2u: { return f32((frame[i >> 1u] >> ((i & 1u) * 16u)) & 0xffffu); }
    case 3u: { return f32(extractBits(bitcast<i32>(frame[i >> 1u]), (i & 1u) * 16u, 16u)); }
    case 4u: { return f32(frame[i]); }
    case 5u: { return f32(bitcast<i32>(frame[i])); }
    default: { return bitcast<f32>(frame[i]); }
  }
}

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = (group.y * groups.x + group.x) * 256u + local;
  if (i >= params.count) {
    return;
  }
  var value = pixel(i);
  if (params.usage == 1u) {
    value *= correction[i];
  } else if (params.usage == 2u) {
    value /= correction[i];
  }
  if (params.replace != 0u) {
    total[i] = value;
  } else {
    total[i] += value;
  }
}
