/** What this browser can do, asked once at the start. */
export interface Capabilities {
  readonly webgpu: boolean;
  /** Folders can be opened with a handle, watched and written. */
  readonly folderPicker: boolean;
  readonly filePicker: boolean;
  readonly cores: number;
  /** One sentence that would switch WebGPU on in this browser, or null where it runs. */
  readonly webgpuHint: string | null;
}

export function detectCapabilities(): Capabilities {
  const webgpu = "gpu" in navigator;
  const agent = navigator.userAgent;
  const hint = (): string => {
    if (!isSecureContext) return "WebGPU needs https or localhost: open the page from there.";
    if (/Firefox\//.test(agent))
      return /Linux/.test(agent)
        ? "Firefox has no WebGPU on Linux yet: Chrome 144 or newer has it."
        : "Firefox has WebGPU from 141 on Windows and 147 on Macs: update it.";
    if (/Chrome\//.test(agent))
      return /Linux/.test(agent)
        ? "On Linux open chrome://flags and enable WebGPU (Unsafe WebGPU Support) and Vulkan."
        : "Turn on “Use graphics acceleration” in the browser's system settings.";
    if (/Safari\//.test(agent)) return "Safari has WebGPU from version 26: update it.";
    return "Chrome, Edge or Safari 26 have WebGPU.";
  };
  return {
    webgpu,
    folderPicker: "showDirectoryPicker" in globalThis,
    filePicker: "showOpenFilePicker" in globalThis,
    cores: navigator.hardwareConcurrency,
    webgpuHint: webgpu ? null : hint(),
  };
}
