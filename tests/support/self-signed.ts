import { runOk } from './run.ts';

/** Makes a certificate of this machine, signed by itself, and its key, as PEM files. */
export async function makeCertificate(certificate: string, key: string): Promise<void> {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate];
  await runOk(['openssl', 'req', ...made, ...subject]);
}
