import { meetsTarget, type Row, type Target } from './section.ts';

const HEAD = ['what', 'Packyard', 'compared with', 'ratio', 'target', ''];

/** The rows as a Markdown table. */
export function formatTable(rows: readonly Row[]): string {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = HEAD, ...body] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

function cellsOf(row: Row): string[] {
  const ratio = row.ratio >= 20 ? row.ratio.toFixed(0) : row.ratio.toFixed(2);
  return [row.what, row.packyard, row.peer, ratio, describe(row.target), verdict(row)];
}

function verdict(row: Row): string {
  if (!row.target) return '';
  return meetsTarget(row) ? 'met' : 'MISSED';
}

function describe(target: Target | undefined): string {
  if (!target) return '';
  return 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
}
