import type { Listening } from './endpoint-contract.ts';

/** Tools that go through a proxy would send it all that is to be encrypted. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: for a shell.
const NO_PROXY = 'export no_proxy="127.0.0.1,${no_proxy:-${NO_PROXY:-}}"; export NO_PROXY="$no_proxy"';

/** What to paste where AWS CLI and SDKs run, as lines for a POSIX shell; the access key is the reader's to put in. */
export function endpointEnvironment({
  endpoint,
  region,
}: Pick<Listening, 'endpoint' | 'region'>): readonly string[] {
  return [
    `export AWS_ENDPOINT_URL_KMS=${endpoint}`,
    `export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    ...accessKeyEnvironment('KWIA...', '...'),
    'unset AWS_SESSION_TOKEN AWS_PROFILE',
    NO_PROXY,
  ];
}

/** A client's access key as lines for a POSIX shell. */
export function accessKeyEnvironment(id: string, secret: string): readonly string[] {
  return [`export AWS_ACCESS_KEY_ID=${id}`, `export AWS_SECRET_ACCESS_KEY=${secret}`];
}
