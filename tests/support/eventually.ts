/** Asks again until the condition holds; after ten seconds it throws. For what happens soon after an answer. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`did not happen: ${what}`);
    await Bun.sleep(20);
  }
}
