// webgpu-utils names Float16Array when it is imported; engines before 2025 have none. Import this first.
(globalThis as { Float16Array?: unknown }).Float16Array ??= class Float16Array {};
