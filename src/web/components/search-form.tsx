interface SearchFormProps {
  /** Where it leads; left out, to the page that it is on. */
  readonly action?: string;
  /** What was searched for. */
  readonly text?: string;
  readonly label: string;
}

export function SearchForm({ action, text, label }: SearchFormProps) {
  return (
    <form class="search" method="get" action={action}>
      <input name="q" type="search" value={text} placeholder={`${label}…`} aria-label={label} maxlength={255} />
      <button type="submit">Search</button>
    </form>
  );
}
