import js from "@eslint/js";
import tseslint from "typescript-eslint";
import reactHooks from "eslint-plugin-react-hooks";
import { layers, packageHomes } from "./scripts/layers.mjs";

/** Import bans of one folder, from the table of layers. */
function bansOf(folder) {
  const allowed = [...layers[folder], folder];
  const sources = allowed.filter((a) => a.startsWith("src/")).map((a) => a.slice(4));
  const patterns = [
    {
      regex: `^#src/(?!(${sources.join("|") || "-"})/)`,
      message: `${folder} may import only from ${allowed.join(", ")} (scripts/layers.mjs).`,
    },
    { regex: "^\\.\\./\\.\\./", message: "Write imports across folders as #src/…" },
  ];
  if (!allowed.includes("workers"))
    patterns.push({ regex: "^#workers/", message: `${folder} may not import workers.` });
  if (!allowed.includes("shaders"))
    patterns.push({ regex: "^#shaders/", message: `${folder} may not import shaders.` });
  const paths = Object.entries(packageHomes)
    .filter(([, homes]) => !homes.includes(folder))
    .map(([name, homes]) => ({ name, message: `${name} belongs to ${homes.join(", ")}.` }));
  return { patterns, paths };
}

export default tseslint.config(
  {
    ignores: [
      "dist",
      "dist-cli",
      ".cache",
      "node_modules",
      "docs/views",
      "test-results",
      "playwright-report",
    ],
  },
  js.configs.recommended,
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Array reads are typed as present (noUncheckedIndexedAccess is off), so this rule would forbid honest checks.
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/no-extraneous-class": "off",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-unused-expressions": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-restricted-exports": [
        "error",
        {
          restrictDefaultExports: {
            direct: true,
            named: true,
            defaultFrom: true,
            namedFrom: true,
            namespaceFrom: true,
          },
        },
      ],
    },
  },
  {
    files: ["**/*.tsx", "src/views/**/*.ts"],
    plugins: { "react-hooks": reactHooks },
    rules: { "react-hooks/rules-of-hooks": "error", "react-hooks/exhaustive-deps": "error" },
  },
  ...Object.keys(layers).map((folder) => ({
    files: [`${folder}/**/*.ts`, `${folder}/**/*.tsx`],
    ignores: ["**/*.test.ts", "**/*.test.tsx", "**/*.bench.ts"],
    rules: { "no-restricted-imports": ["error", bansOf(folder)] },
  })),
  {
    files: ["**/*.test.ts", "**/*.test.tsx", "e2e/**/*.ts", "src/testing/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
  { files: ["*.config.ts"], rules: { "no-restricted-exports": "off" } },
  {
    files: ["**/*.mjs", "*.js"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        URL: "readonly",
        setTimeout: "readonly",
        clearTimeout: "readonly",
        fetch: "readonly",
        Buffer: "readonly",
      },
    },
  },
);
