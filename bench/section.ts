/** One line of the table. */
export interface Row {
  readonly what: string;
  /** Packyard's figure with its unit. */
  readonly packyard: string;
  /** The peer's figure, or what the figure is compared with. */
  readonly peer: string;
  /** Packyard divided by the peer, or by the limit. */
  readonly ratio: number;
  /** Left out where the figure is for information. */
  readonly target?: Target;
}

/** `atLeast`: more is better; `atMost`: less is better. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

export interface BenchContext {
  /** A folder for data and made files; removed at the end. */
  readonly folder: string;
  /** The folder with the commands that `setup.sh` installed. */
  readonly peers: string;
  /** Tells the person at the terminal what is going on. */
  note(text: string): void;
}

export interface Section {
  readonly id: string;
  readonly title: string;
  run(context: BenchContext): Promise<readonly Row[]>;
}

export function meetsTarget({ ratio, target }: Row): boolean {
  if (!target) return true;
  return 'atLeast' in target ? ratio >= target.atLeast : ratio <= target.atMost;
}
