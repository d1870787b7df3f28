/** Numbers as the screen shows them. */
export function formatShare(share: number): string {
  const percent = share * 100
  return `${percent >= 9.95 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1)} %`
}

export function formatError(error: number): string {
  return error === 0 ? '0' : error.toExponential(0)
}

export function formatDuration(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000)
  if (seconds < 60) return `${seconds} s`
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}

export function formatBytes(bytes: number): string {
  return bytes < 1e6
    ? `${(bytes / 1e3).toFixed(0)} KB`
    : bytes < 1e9
      ? `${(bytes / 1e6).toFixed(1)} MB`
      : `${(bytes / 1e9).toFixed(2)} GB`
}

export function headName(layer: number, head: number): string {
  return `L${layer}.H${head}`
}
