// sorted[j, RUN·k …] = the values of run k of line j in ascending order; one thread sorts one run.
//
// lines, sorted: [lineCount, lineLength] f32
// Dispatch: ceil(ceil(lineLength / RUN) / 64), number of lines; lines from firstLine on.
// No shared memory and no barriers here or in mergeRuns.wgsl: any line length works, and software
// adapters, to which a barrier is a change of threads, stay usable (docs/adr/0003).

const RUN = 16u;

struct Params {
  lineLength: u32,
  firstLine: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> lines: array<f32>;
@group(0) @binding(2) var<storage, read_write> sorted: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let start = (group.x * 64u + local) * RUN;
  if (start >= params.lineLength) {
    return;
  }
  let base = (params.firstLine + group.y) * params.lineLength + start;
  let count = min(RUN, params.lineLength - start);
  var run: array<f32, 16>;
  for (var i = 0u; i < count; i++) {
    let value = lines[base + i];
    var at = i;
    while (at > 0u) {
      let before = run[at - 1u];
      if (before <= value) {
        break;
      }
      run[at] = before;
      at--;
    }
    run[at] = value;
  }
  for (var i = 0u; i < count; i++) {
    sorted[base + i] = run[i];
  }
}
