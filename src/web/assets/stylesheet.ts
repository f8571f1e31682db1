/** Kept as text so that a single-file build carries it. */
export const stylesheet = `:root {
  color-scheme: light dark;
  --ground: #fcfcfa;
  --raised: #f3f3ef;
  --line: #deded6;
  --text: #1e2124;
  --quiet: #5e666e;
  --accent: #0b6b5d;
  --warning: #8a4b00;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #16191b;
    --raised: #1f2427;
    --line: #343b40;
    --text: #e5e7e6;
    --quiet: #a0a9b0;
    --accent: #5fc9b5;
    --warning: #eab16a;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0;
  background: var(--ground);
  color: var(--text);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: anywhere;
}
a { color: var(--accent); text-underline-offset: 0.2em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; font-weight: 600; }
h1 { font-size: 1.75rem; margin: 0 0 0.5rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: 0 0 1rem; }
code, pre { font-family: var(--mono); font-size: 0.875rem; }

.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 0.5rem; background: var(--ground); padding: 0.25rem 0.5rem; }
.bar, main, footer { max-width: 56rem; margin: 0 auto; padding: 0 1.25rem; }
.bar { display: flex; align-items: center; gap: 1rem; padding-block: 1rem; }
.bar .brand { display: flex; align-items: center; gap: 0.5rem; font-weight: 600; color: var(--text); text-decoration: none; }
.bar .who { margin-left: auto; color: var(--quiet); font-size: 0.875rem; }
main { padding-block: 1rem 3rem; min-height: 60vh; }
footer { border-top: 1px solid var(--line); padding-block: 1rem 2rem; color: var(--quiet); font-size: 0.875rem; }
footer a { color: inherit; margin-right: 1rem; }

.trail { margin: 0 0 0.75rem; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 0 0.5rem; color: var(--quiet); font-size: 0.875rem; }
.trail li + li::before { content: "/"; margin-right: 0.5rem; color: var(--line); }
.lead { color: var(--quiet); max-width: 42rem; }
.quiet { color: var(--quiet); font-size: 0.875rem; }
.badge { display: inline-block; margin-left: 0.5rem; padding: 0 0.45rem; border: 1px solid currentColor; border-radius: 1rem; font-size: 0.75rem; line-height: 1.4; color: var(--quiet); font-weight: 400; vertical-align: 0.1em; }
.badge.warning { color: var(--warning); }
.notice { border-left: 3px solid var(--warning); padding: 0.25rem 0 0.25rem 1rem; margin: 1rem 0; }
.empty { border: 1px dashed var(--line); border-radius: 6px; padding: 1.25rem 1.5rem; color: var(--quiet); }
.empty p:last-child { margin: 0; }

.rows { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
.rows > li { border-bottom: 1px solid var(--line); padding: 0.6rem 0; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1rem; }
.rows > li > .quiet { margin-left: auto; }
.files { list-style: none; margin: 0.5rem 0 0; padding: 0; }
.files > li { padding: 0.5rem 0; }
.digest { display: flex; align-items: baseline; gap: 0.5rem; color: var(--quiet); }
.digest code { font-size: 0.75rem; }
.version { border-top: 1px solid var(--line); padding: 1rem 0; }
.version:last-of-type { border-bottom: 1px solid var(--line); }

details { border-top: 1px solid var(--line); }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: 0.6rem 0; }
summary::marker { color: var(--quiet); }
details details { margin-left: 1.1rem; }
.snippet { position: relative; margin: 0 0 1rem; }
.snippet pre { margin: 0; padding: 0.9rem 1rem; background: var(--raised); border-radius: 6px; overflow-x: auto; overflow-wrap: normal; line-height: 1.5; }
.snippet .copy { position: absolute; top: 0.5rem; right: 0.5rem; }

button, input { font: inherit; font-size: 0.875rem; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: 5px; padding: 0.3rem 0.7rem; }
button { cursor: pointer; }
button:hover { border-color: var(--accent); color: var(--accent); }
.copy { padding: 0.05rem 0.5rem; font-size: 0.75rem; color: var(--quiet); flex: none; }
.search { display: flex; gap: 0.5rem; margin: 0 0 1rem; }
.search input { flex: 1; min-width: 0; max-width: 22rem; }
.pages { display: flex; gap: 1.25rem; margin-top: 1rem; }
.offscreen { position: fixed; left: -100vw; }

@media (max-width: 36rem) {
  h1 { font-size: 1.4rem; }
  .rows > li > .quiet { margin-left: 0; width: 100%; }
}
@media print {
  .bar, footer, .search, .copy, .pages { display: none; }
}
`;
