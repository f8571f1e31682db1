import type { UsageSnippet } from '../../formats/format.ts';

interface SnippetsProps {
  readonly snippets: readonly UsageSnippet[];
  /** Shows the first one at once. */
  readonly open?: boolean;
}

/** Set-up instructions to copy; one open, the others a click away. */
export function Snippets({ snippets, open = false }: SnippetsProps) {
  return (
    <div>
      {snippets.map(({ title, language, text }, index) => (
        <details open={open && index === 0}>
          <summary>{title}</summary>
          <div class="snippet" data-copy={title}>
            <pre>
              <code class={`language-${language}`}>{text}</code>
            </pre>
          </div>
        </details>
      ))}
    </div>
  );
}
