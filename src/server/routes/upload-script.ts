import { Hono } from 'hono';
import type { HttpEnv } from '../../formats/format.ts';
import type { ServerContext } from '../context.ts';
import { publicUrl } from '../public-url.ts';

/** `GET /upload.sh`: uploads from any machine that has a shell and curl. */
export function uploadScriptRoutes(context: ServerContext): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.get('/', (c) => {
    const script = uploadScript(publicUrl(context, c.req.raw));
    return c.body(script, 200, {
      'content-type': 'text/x-shellscript; charset=utf-8',
      'content-length': String(Buffer.byteLength(script)),
      'cache-control': 'no-cache',
    });
  });
  return app;
}

/** The token goes to curl on standard input, so that no other user of the machine can read it in the list of processes. */
function uploadScript(server: string): string {
  return `#!/bin/sh
# Uploads a file to Packyard with curl alone.
set -eu
server=\${PACKYARD_URL:-${shellQuote(server)}}

usage() {
  cat >&2 <<'END'
usage: upload.sh PROVIDER REPOSITORY FILE [NAME VERSION] [KEY=VALUE ...]

  PROVIDER is pypi, apt, generic, tar; NAME and VERSION may be left out where the
  file tells them. KEY=VALUE adds a parameter that the provider asks for.
  PACKYARD_TOKEN holds the token, PACKYARD_URL another server.
END
  exit 2
}

[ $# -ge 3 ] || usage
provider=$1 repository=$2 file=$3
shift 3
[ -r "$file" ] || { echo "upload.sh: cannot read $file" >&2; exit 1; }
command -v curl >/dev/null || { echo 'upload.sh: curl is not installed' >&2; exit 1; }

name= version=
if [ $# -ge 2 ]; then
  case $1 in *=*) ;; *) name=$1 version=$2; shift 2 ;; esac
fi
first=1
for pair in "$@"; do
  [ $first = 1 ] && set --
  first=0
  case $pair in *=*) set -- "$@" --form-string "$pair" ;; *) usage ;; esac
done
[ -z "$name" ] || set -- "$@" --form-string "name=$name" --form-string "version=$version"

config() {
  [ -z "\${PACKYARD_TOKEN:-}" ] || printf 'user = "token:%s"\\n' "$PACKYARD_TOKEN"
}

# Quotes and backslashes are escaped for curl's own reading of the form.
escaped=$(printf '%s' "$file" | sed 's/[\\\\"]/\\\\&/g')
status=0
answer=$(config | curl --config - --silent --show-error --write-out '\\n%{http_code}' \\
  --form-string "provider=$provider" --form-string "reponame=$repository" "$@" \\
  --form "f=@\\"$escaped\\"" "$server/addpkg") || status=$?
[ $status = 0 ] || exit 1
code=$(printf '%s\\n' "$answer" | tail -n 1)
printf '%s\\n' "$answer" | sed '$d'
case $code in 2??) ;; *) echo "upload.sh: the server answered $code" >&2; exit 1 ;; esac
`;
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
