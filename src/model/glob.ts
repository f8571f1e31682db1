/**
 * Matches `*` (any run of characters) and `?` (one character); everything else stands for itself. Patterns come with tokens
 * that anybody may ask for, so this never tries more than the two lengths multiplied: of several `*`, only the last one
 * ever has to be given more characters.
 */
export function matchesGlob(glob: string, text: string): boolean {
  let [at, wanted] = [0, 0];
  let star = -1;
  let afterStar = 0;
  while (at < text.length) {
    if (glob[wanted] === '*') {
      star = wanted++;
      afterStar = at;
    } else if (wanted < glob.length && (glob[wanted] === '?' || glob[wanted] === text[at])) {
      wanted++;
      at++;
    } else if (star >= 0) {
      wanted = star + 1;
      at = ++afterStar;
    } else {
      return false;
    }
  }
  while (glob[wanted] === '*') wanted++;
  return wanted === glob.length;
}
