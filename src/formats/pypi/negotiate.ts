import { PackyardError } from '../../model/errors.ts';

export const SIMPLE_JSON = 'application/vnd.pypi.simple.v1+json';
export const SIMPLE_HTML = 'application/vnd.pypi.simple.v1+html';

/** The simple API's content types, the most cautious first: who says nothing, or anything, gets the oldest form. */
const OFFERS = ['text/html', SIMPLE_HTML, SIMPLE_JSON] as const;
export type SimpleContentType = (typeof OFFERS)[number];

interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
}

/**
 * Chooses the representation of a simple page (Simple repository API, "Version + Format Selection"; RFC 9110 §12.5.1).
 * Among equally welcome types, those that the client names beat those that a wildcard covers, and JSON beats HTML.
 * @param accept the `Accept` header
 * @param format the `format` query parameter, which has the last word
 * @throws PackyardError `not_acceptable`
 */
export function negotiate(accept: string | undefined, format?: string): SimpleContentType {
  // A plus sign in a query means a space to those who decode forms.
  const chosen = format === undefined ? best(accept) : offerOf(format.trim().replaceAll(' ', '+'));
  if (chosen) return chosen;
  throw new PackyardError('not_acceptable', 'the index has no form that this client accepts', {
    hint: `ask for one of: ${OFFERS.join(', ')}`,
  });
}

/** How errors are told: JSON to those who ask for it, HTML to those who name it, else plain text. */
export function errorForm(accept: string | undefined, format?: string): 'json' | 'html' | 'text' {
  if (format !== undefined) return format.endsWith('json') ? 'json' : 'text';
  const named = parseAccept(accept ?? '').filter((range) => range.quality > 0 && range.subtype !== '*');
  const quality = (test: (range: MediaRange) => boolean) =>
    Math.max(0, ...named.filter(test).map((range) => range.quality));
  const json = quality(({ subtype }) => subtype === 'json' || subtype.endsWith('+json'));
  const html = quality(({ subtype }) => subtype === 'html' || subtype.endsWith('+html'));
  if (json === 0 && html === 0) return 'text';
  return json >= html ? 'json' : 'html';
}

function best(accept: string | undefined): SimpleContentType | undefined {
  if (accept === undefined || accept.trim() === '') return 'text/html';
  const ranges = parseAccept(accept);
  let chosen: { offer: SimpleContentType; quality: number; named: boolean } | undefined;
  for (const offer of OFFERS) {
    const range = mostSpecific(ranges, offer);
    if (!range || range.quality === 0) continue;
    const named = range.subtype !== '*';
    const isBetter =
      !chosen || range.quality > chosen.quality || (range.quality === chosen.quality && named >= chosen.named && named);
    if (isBetter) chosen = { offer, quality: range.quality, named };
  }
  return chosen?.offer;
}

function mostSpecific(ranges: readonly MediaRange[], offer: SimpleContentType): MediaRange | undefined {
  const [type] = offer.split('/');
  return (
    ranges.find((range) => offerOf(`${range.type}/${range.subtype}`) === offer) ??
    ranges.find((range) => range.type === type && range.subtype === '*') ??
    ranges.find((range) => range.type === '*' && range.subtype === '*')
  );
}

/** `latest` is a way to ask; the answer names the version that it has. */
function offerOf(mediaType: string): SimpleContentType | undefined {
  const asked = mediaType.toLowerCase().replace('.simple.latest+', '.simple.v1+');
  return OFFERS.find((offer) => offer === asked);
}

function parseAccept(accept: string): readonly MediaRange[] {
  const ranges: MediaRange[] = [];
  for (const item of accept.toLowerCase().split(',')) {
    const [mediaType = '', ...parameters] = item.split(';').map((part) => part.trim());
    const [type = '', subtype = ''] = mediaType.split('/');
    if (type === '' || subtype === '') continue;
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    ranges.push({ type, subtype, quality: quality === undefined ? 1 : parseQuality(quality) });
  }
  return ranges;
}

/** RFC 9110 §12.4.2: 0 to 1 with up to three decimals; nonsense counts as unwelcome. */
function parseQuality(text: string): number {
  return /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
