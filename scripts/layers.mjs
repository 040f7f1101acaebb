/**
 * The layers of the code: for every folder, the folders that it may import from.
 * Read by eslint.config.js and by src/testing/layers.test.ts, so that the two cannot disagree.
 */
export const layers = {
  "src/domain": [],
  "src/math": ["src/domain"],
  "src/simulation": ["src/domain", "src/math"],
  "src/formats": ["src/domain", "src/math"],
  "src/compute": ["src/domain", "src/math", "src/formats"],
  "src/gpu": ["src/domain", "src/math", "src/compute", "shaders"],
  "src/pipeline": ["src/domain", "src/math", "src/formats", "src/compute", "src/simulation"],
  workers: [
    "src/domain",
    "src/math",
    "src/formats",
    "src/compute",
    "src/gpu",
    "src/pipeline",
    "src/simulation",
  ],
  "src/platform": ["src/domain", "workers"],
  "src/state": ["src/domain", "src/math", "src/platform", "workers"],
  "src/views": ["src/domain", "src/state"],
  "src/cli": [
    "src/domain",
    "src/math",
    "src/formats",
    "src/compute",
    "src/gpu",
    "src/pipeline",
    "src/simulation",
  ],
};

/** Packages that only some folders may import. */
export const packageHomes = {
  react: ["src/views", "src/main.tsx"],
  "react-dom": ["src/views", "src/main.tsx"],
  "@mantine/core": ["src/views", "src/main.tsx"],
  "@mantine/hooks": ["src/views", "src/main.tsx"],
  "@tanstack/react-virtual": ["src/views"],
  "plotly.js-basic-dist-min": ["src/views"],
  zustand: ["src/state", "src/views"],
  idb: ["src/platform", "workers"],
  comlink: ["workers", "src/platform"],
  "webgpu-utils": ["src/gpu"],
  webgpu: ["src/cli", "src/testing"],
  geotiff: ["src/formats"],
  fzstd: ["src/formats"],
  fflate: ["src/formats", "src/platform", "src/cli", "src/compute"],
};
