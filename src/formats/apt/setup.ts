/** What a machine needs to install from a distribution. */
export interface Setup {
  /** The repository's name: of files on the machine. */
  readonly repository: string;
  /** The repository's address, without a slash at the end. */
  readonly url: string;
  readonly distribution: string;
  readonly components: readonly string[];
  /** Armored public keys. */
  readonly keys: string;
}

/** A deb822 source with the keys inside (sources.list(5)): for apt 2.3.10 and newer. */
export function sourcesFile({ url, distribution, components, keys }: Setup): string {
  const key = keys
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? ' .' : ` ${line}`));
  return [
    'Types: deb',
    `URIs: ${url}/`,
    `Suites: ${distribution}`,
    `Components: ${components.join(' ')}`,
    'Signed-By:',
    ...key,
    '',
  ].join('\n');
}

/**
 * A shell script that adds the distribution to a machine, for apt 1.4 and newer: the key in a file that counts for this source
 * alone, and a deb822 source.
 */
export function installScript(setup: Setup): string {
  const { repository, url, distribution, components, keys } = setup;
  const keyring = `/etc/apt/keyrings/packyard-${repository}.asc`;
  const source = `/etc/apt/sources.list.d/packyard-${repository}-${distribution}.sources`;
  return `#!/bin/sh
# Adds ${distribution} of ${url} to this machine's package sources.
# Run it as root: wget -qO- ${url}/dists/${distribution}/install | sudo sh
set -eu
[ "$(id -u)" = 0 ] || { echo 'install: run this as root, e.g. with: | sudo sh' >&2; exit 1; }
command -v apt-get >/dev/null || { echo 'install: there is no apt on this machine' >&2; exit 1; }

umask 022
mkdir -p /etc/apt/keyrings
cat > ${shellQuote(keyring)} <<'PACKYARD_KEY'
${keys.trimEnd()}
PACKYARD_KEY
cat > ${shellQuote(source)} <<'PACKYARD_SOURCE'
Types: deb
URIs: ${url}/
Suites: ${distribution}
Components: ${components.join(' ')}
Signed-By: ${keyring}
PACKYARD_SOURCE
echo ${shellQuote(`added ${source}`)} >&2

# A private repository wants a token: see auth.conf(5), /etc/apt/auth.conf.d.
apt-get update
`;
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
