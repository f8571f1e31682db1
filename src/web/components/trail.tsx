export interface TrailStep {
  readonly text: string;
  readonly href: string;
}

/** The way from the home page to this one. */
export function Trail({ steps }: { readonly steps: readonly TrailStep[] }) {
  return (
    <nav aria-label="Breadcrumb">
      <ol class="trail">
        {steps.map(({ text, href }) => (
          <li>
            <a href={href}>{text}</a>
          </li>
        ))}
      </ol>
    </nav>
  );
}
