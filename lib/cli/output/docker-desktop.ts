/** Returns the hint for Docker Desktop, whose daemon runs in a VM with its own loopback interface; no hint on Linux. */
export function formatDockerDesktopHint(
  platform: NodeJS.Platform,
  port: number | undefined,
): readonly string[] {
  if (platform !== "darwin" && platform !== "win32") return [];
  return [
    `  (Docker Desktop reaches it as host.docker.internal:${port}; see docs/platforms.md#docker-desktop)`,
  ];
}
