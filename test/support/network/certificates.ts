import { issue, makeAuthority, type Authority } from '../../../electron/core/deploy/tls/authority';

/** A private authority, a server's certificate for 127.0.0.1 and db1.test, one under another name, and a client's; each with its key. */
export interface TestCertificates {
  readonly ca: string;
  readonly server: Pair;
  readonly misnamed: Pair;
  readonly client: Pair;
}

/** A certificate and its key as PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Makes an authority of its own with what a server and a client need. */
export async function makeCertificates(): Promise<TestCertificates> {
  const made: Authority = await makeAuthority('Test authority', Date.now());
  const authority = { ...made, trusted: made.cert };
  const pair = async (commonName: string, names: readonly string[], addresses: readonly string[]): Promise<Pair> => {
    const { cert, key } = await issue(authority, { commonName, names, addresses }, Date.now());
    return { cert, key };
  };
  return {
    ca: authority.cert,
    server: await pair('db1', ['db1.test'], ['127.0.0.1']),
    misnamed: await pair('db9', ['db9.test'], ['10.255.0.9']),
    client: await pair('app', ['app.test'], []),
  };
}
