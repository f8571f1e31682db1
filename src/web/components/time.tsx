/** A day, with the exact time for whoever asks. Takes milliseconds since 1970. */
export function Time({ at }: { readonly at: number }) {
  const iso = new Date(at).toISOString();
  return (
    <time datetime={iso} title={`${iso.slice(0, 19).replace('T', ' ')} UTC`}>
      {iso.slice(0, 10)}
    </time>
  );
}
