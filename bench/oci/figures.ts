export function perSecond(value: number): string {
  return `${value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en')}/s`;
}

export function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}

export function megabytesPerSecond(value: number): string {
  return `${(value / 1e6).toFixed(0)} MB/s`;
}
