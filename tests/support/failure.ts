/** The error of something that has to fail. */
export async function failure<E extends Error>(action: Promise<unknown>): Promise<E> {
  return action.then(
    () => {
      throw new Error('it succeeded');
    },
    (error) => error,
  );
}
