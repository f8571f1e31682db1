import type { ServerContext } from './context.ts';

/**
 * The server's address as this client sees it, without a slash at the end: the setting, or what the request says. Headers of
 * a proxy count only where the setting `trusted_proxies` names one.
 */
export function publicUrl({ config }: Pick<ServerContext, 'config'>, request: Request): string {
  if (config.publicUrl !== undefined) return config.publicUrl;
  const url = new URL(request.url);
  if (config.trustedProxies.length === 0) return url.origin;
  const protocol = request.headers.get('x-forwarded-proto')?.split(',')[0]?.trim() ?? url.protocol.replace(':', '');
  const host = request.headers.get('x-forwarded-host')?.split(',')[0]?.trim() ?? url.host;
  const prefix = request.headers.get('x-forwarded-prefix')?.trim().replace(/\/+$/, '') ?? '';
  const candidate = `${protocol}://${host}${prefix}`;
  return /^https?:\/\/[A-Za-z0-9.\-:[\]]+(\/[A-Za-z0-9._~\-/]*)?$/.test(candidate) ? candidate : url.origin;
}
