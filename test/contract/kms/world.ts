import { type CreateKeyCommandInput, KMS } from '@aws-sdk/client-kms';
import { LIMITS } from '../../../src/main/server/limits.ts';
import { OWNER, withUsers } from '../../unit/kms/support.ts';
import { type AccessKey, type Served, serve } from '../../unit/server/support.ts';

/** A key id that no key has. */
export const GONE = '134f2428-cec1-4b25-a1ae-9048164dba47';

const NOTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 'kms:*', Resource: '*' }],
});

/** A vault of its own behind its endpoint, with AWS's own client of somebody who may do all, and of nobody. */
export class World {
  readonly served: Served;
  readonly kms: KMS;
  readonly nobody: KMS;

  private constructor(served: Served, nobody: AccessKey) {
    this.served = served;
    this.kms = this.#clientOf(served.key);
    this.nobody = this.#clientOf(nobody);
  }

  /** A new one. When its endpoint stops, it waits long for what is in flight. */
  static async make(): Promise<World> {
    const served = withUsers(await serve({ ...LIMITS, drain: 20_000 }), 'somebody');
    return new World(served, served.kms.clients.create(OWNER, { name: 'nobody', policy: NOTHING }));
  }

  /** Ends all of it. Safe to call twice. */
  async end(): Promise<void> {
    this.kms.destroy();
    this.nobody.destroy();
    await this.served.endpoint.stop();
  }

  /** Lets time go by, for the clients as well. */
  advance(milliseconds: number): void {
    this.served.clock.advance(milliseconds);
    for (const { config } of [this.kms, this.nobody]) config.systemClockOffset += milliseconds;
  }

  /** The id of a new key. */
  async key(input: CreateKeyCommandInput = {}): Promise<string> {
    const { KeyMetadata } = await this.kms.createKey(input);
    return there(KeyMetadata?.KeyId);
  }

  /** The ARN of a key's id. */
  arn(keyId: string): string {
    return `arn:aws:kms:local:000000000000:key/${keyId}`;
  }

  #clientOf({ accessKeyId, secretAccessKey }: AccessKey): KMS {
    return new KMS({
      endpoint: this.served.endpoint.url,
      region: 'local',
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: 1,
      requestHandler: { httpAgent: { maxSockets: 128 } },
      systemClockOffset: this.served.clock.now() - Date.now(),
    });
  }
}

/** What AWS's types leave open and an answer has. */
export function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the answer lacks a field');
  return value;
}
