/** Why a list ends although there is more. */
export function MoreHits({ count }: { readonly count: number }) {
  return <p class="quiet">There are more than these {count}: give more of the name.</p>;
}
