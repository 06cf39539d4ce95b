import { clipboard } from 'electron';

/** So long a secret stays on the clipboard, in milliseconds. */
const STAYS = 60_000;

/**
 * Puts secrets on the clipboard and takes them from it again, after a while and whenever `clear` is called: what somebody
 * else has put there since stays.
 */
export class SecretClipboard {
  #copied: Buffer | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Puts a secret there, which stays the caller's to wipe. */
  async copy(secret: Uint8Array): Promise<void> {
    this.#forget();
    this.#copied = Buffer.from(secret);
    this.#timer = setTimeout(() => this.clear(), STAYS).unref();
    await clipboard.writeText(this.#copied.toString('utf8'));
  }

  /** Takes the secret from the clipboard if it still is there. Never throws: no lock waits for a clipboard that fails. */
  async clear(): Promise<void> {
    const copied = this.#copied;
    if (copied === undefined) return;
    this.#copied = undefined;
    try {
      if (Buffer.from(await clipboard.readText()).equals(copied)) clipboard.clear();
    } catch {
      // What can't be read can't be told from somebody else's.
    } finally {
      copied.fill(0);
      if (this.#copied === undefined) clearTimeout(this.#timer);
    }
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#copied?.fill(0);
    this.#copied = undefined;
  }
}
