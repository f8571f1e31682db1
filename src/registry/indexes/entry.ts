/** One piece of an index document: what a file in the repository contributes, such as a stanza of apt's Packages. */
export interface IndexEntry {
  /** The number of the membership: its order in the document, and its name for removing it again. */
  readonly id: number;
  readonly bytes: Uint8Array;
}
