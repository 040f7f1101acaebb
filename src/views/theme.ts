import { createTheme } from "@mantine/core";
import type { CSSVariablesResolver, MantineColorsTuple } from "@mantine/core";

/** The design tokens, once; plots and canvases read the same variables (see `readTokens`). */
const light = {
  "--bg": "#f3f4f6",
  "--surface": "#ffffff",
  "--sunken": "#eaecef",
  "--hover": "#f5f6f8",
  "--line": "#dde1e6",
  "--line-strong": "#838c99",
  "--text": "#161b22",
  "--text-2": "#46505d",
  "--text-3": "#606a77",
  "--accent": "#1d5fc4",
  "--accent-bg": "#e7effb",
  "--on-accent": "#ffffff",
  "--pass": "#19764a",
  "--pass-bg": "#e6f3ec",
  "--warn": "#8f5300",
  "--warn-bg": "#fbf0dc",
  "--fail": "#bd2c26",
  "--fail-bg": "#fbe9e7",
  "--undecided": "#5a6270",
  "--series-x": "#1d5fc4",
  "--series-y": "#bb540b",
  "--series-z": "#0f766e",
  "--before": "#7b8492",
  "--grid": "#e8ebef",
  "--population": "#c3cbd6",
  "--canvas": "#d9dce1",
  "--veil": "rgba(255, 255, 255, 0.92)",
  "--raised": "#ffffff",
};

const dark: typeof light = {
  "--bg": "#121518",
  "--surface": "#1a1e23",
  "--sunken": "#0e1113",
  "--hover": "#20252b",
  "--line": "#2c323a",
  "--line-strong": "#6f7a87",
  "--text": "#e9ecef",
  "--text-2": "#b4bcc6",
  "--text-3": "#929ba7",
  "--accent": "#82b1ff",
  "--accent-bg": "#1c2c45",
  "--on-accent": "#0b1626",
  "--pass": "#5cc88f",
  "--pass-bg": "#173326",
  "--warn": "#e6ad4b",
  "--warn-bg": "#372a12",
  "--fail": "#ff857c",
  "--fail-bg": "#3d1f1d",
  "--undecided": "#a0a9b5",
  "--series-x": "#82b1ff",
  "--series-y": "#f2994a",
  "--series-z": "#4fc3b0",
  "--before": "#8b95a2",
  "--grid": "#272d34",
  "--population": "#46505d",
  "--canvas": "#090b0d",
  "--veil": "rgba(26, 30, 35, 0.92)",
  "--raised": "#2c333b",
};

export type Token = keyof typeof light;

/** The value of a token as the page shows it now, for plots and canvases. */
export function readToken(token: Token): string {
  return getComputedStyle(document.documentElement).getPropertyValue(token).trim();
}

const bridge = {
  "--mantine-color-body": "var(--bg)",
  "--mantine-color-text": "var(--text)",
  "--mantine-color-dimmed": "var(--text-3)",
  "--mantine-color-default": "var(--surface)",
  "--mantine-color-default-hover": "var(--hover)",
  "--mantine-color-default-color": "var(--text)",
  "--mantine-color-default-border": "var(--line)",
  "--mantine-color-error": "var(--fail)",
  "--mantine-color-placeholder": "var(--text-3)",
  "--mantine-color-anchor": "var(--accent)",
  "--mantine-primary-color-filled": "var(--accent)",
  "--mantine-primary-color-filled-hover": "var(--accent)",
  "--mantine-primary-color-light": "var(--accent-bg)",
  "--mantine-primary-color-contrast": "var(--on-accent)",
};

export const resolveTokens: CSSVariablesResolver = () => ({
  variables: {},
  light: { ...light, ...bridge },
  dark: { ...dark, ...bridge },
});

const blue: MantineColorsTuple = [
  "#e7effb",
  "#cbdcf6",
  "#a9c6f2",
  "#82b1ff",
  "#5d94e8",
  "#3d79d6",
  "#1d5fc4",
  "#1850a6",
  "#134188",
  "#0e326a",
];

const sans =
  '"Inter Variable", "Segoe UI", "SF Pro Text", Roboto, "Liberation Sans", Arial, sans-serif';

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 6, dark: 3 },
  colors: { accent: blue },
  fontFamily: sans,
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontFamily: sans, fontWeight: "600" },
  fontSizes: { xs: "12px", sm: "12.5px", md: "13px", lg: "14px", xl: "15px" },
  lineHeights: { xs: "16px", sm: "18px", md: "18px", lg: "18px", xl: "20px" },
  radius: { xs: "4px", sm: "5px", md: "6px", lg: "8px", xl: "10px" },
  defaultRadius: "sm",
  focusRing: "auto",
  cursorType: "pointer",
  respectReducedMotion: true,
});
