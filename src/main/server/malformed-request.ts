import { STATUS_CODES } from 'node:http';
import { awsError } from '../../shared/errors.ts';
import type { Limits } from './limits.ts';
import { CONTENT_TYPE, errorAnswer, throttled } from './wire.ts';

/**
 * The whole answer, as text, to bytes that are no HTTP request or none in time; `code` as Node has it. In AWS's form,
 * so that its clients can show the reason: a session token of 20 KB makes such headers.
 */
export function unreadableAnswer(code: string | undefined, { headerBytes, request }: Limits): string {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return answer(431, `The headers are larger than ${headerBytes} bytes.`);
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return answer(408, `The request was not sent to its end in time, ${request / 1_000} seconds at most.`);
    default:
      return answer(400, 'That is not HTTP/1.1. TLS is not spoken here: the address begins with http://.');
  }
}

/** The whole answer, as text, to a request that is not there yet: others wait for its connection. */
export function tryAgainAnswer(): string {
  return text(errorAnswer(throttled()));
}

function answer(status: number, message: string): string {
  return text({ status, body: errorAnswer(awsError('SerializationException', message)).body });
}

function text({ status, body }: { readonly status: number; readonly body: string }): string {
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `Content-Type: ${CONTENT_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
