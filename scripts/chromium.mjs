import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of a Chromium: an installed one, Debian's package when root, else Playwright's own download. */
export async function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named && existsSync(named)) return named;
  const installed = () => candidates.find((path) => existsSync(path));
  if (installed()) return installed();
  const { chromium } = await import("@playwright/test");
  if (existsSync(chromium.executablePath())) return chromium.executablePath();
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.error("Installing Debian's Chromium for the browser tests…");
    const quiet = { stdio: ["ignore", "ignore", "inherit"] };
    try {
      execFileSync("apt-get", ["update", "-qq"], quiet);
      execFileSync("apt-get", ["install", "-y", "-qq", "chromium", "libvulkan1"], {
        ...quiet,
        env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      });
    } catch (error) {
      console.error(`apt-get failed: ${error.message}`);
    }
    if (installed()) return installed();
  }
  console.error("Installing Playwright's Chromium for the browser tests…");
  execFileSync("npx", ["playwright", "install", "chromium"], { stdio: "inherit" });
  return chromium.executablePath();
}

/** Environment in which Dawn in Node finds Chromium's software adapter, unless one is set already. */
export function vulkanEnvironment(chromiumPath) {
  const icd = [
    "/usr/lib/chromium/vk_swiftshader_icd.json",
    chromiumPath.replace(/[^/]+$/, "vk_swiftshader_icd.json"),
  ].find((path) => existsSync(path));
  const env = { ...process.env, CHROMIUM_PATH: chromiumPath };
  if (icd && !env.VK_ICD_FILENAMES && !env.VK_DRIVER_FILES) env.VK_ICD_FILENAMES = icd;
  env.XDG_RUNTIME_DIR ??= "/tmp";
  return env;
}
