/** A moment for people, to the minute: `2026-03-01 09:30 UTC`. @param iso as the API writes it */
export function formatMoment(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}
