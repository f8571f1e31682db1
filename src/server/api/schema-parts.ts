import { z } from '@hono/zod-openapi';

const CLEAN_TEXT = /^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u;

/** Text from outside that is stored or looked up: databases refuse NUL, terminals obey control characters. */
export function cleanText(maxLength: number) {
  return z.string().max(maxLength).regex(CLEAN_TEXT, 'must not contain control characters');
}

/** A whole number in the query, where everything arrives as text. */
export function wholeNumber(options: { readonly minimum: number; readonly maximum: number }) {
  const { minimum, maximum } = options;
  return z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum));
}

/** How many items a page has at the most. */
export function pageSize() {
  const range = { minimum: 1, maximum: 1000 };
  return wholeNumber(range)
    .default(100)
    .openapi({ type: 'integer', ...range, default: 100, description: 'The most items to return.' });
}

/** A moment, as RFC 3339 writes it. */
export function time(description: string) {
  return z.string().openapi({ format: 'date-time', description });
}

/** One page of a list. */
export function list<Item extends z.ZodType>(name: string, item: Item) {
  return z
    .object({
      items: z.array(item),
      next: z.string().optional().openapi({ description: 'Where the next page begins; absent on the last one.' }),
    })
    .openapi(name);
}
