/**
 * A package's name as searches see it: lower case, and every run of `-`, `_`, `.` as one `-`. That is how Python names compare;
 * to the other formats such names are different ones, but whoever looks for one wants to see them all.
 */
export function searchName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
