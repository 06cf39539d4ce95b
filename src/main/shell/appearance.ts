import { nativeTheme } from 'electron';
import type { Theme } from '../../shared/bridge.ts';

/** Where the choice is kept; it is no secret. */
export type ThemeStore = {
  readonly read: () => Promise<string>;
  readonly write: (text: string) => Promise<void>;
};

/** Light, dark or the system's way, kept from one start to the next. */
export class Appearance {
  readonly #store: ThemeStore;

  constructor(store: ThemeStore) {
    this.#store = store;
  }

  /** Applies the kept choice; a file that can't be read means the system's way. */
  async load(): Promise<void> {
    const kept = await this.#store.read().catch(() => '');
    const theme = kept.trim();
    nativeTheme.themeSource = isTheme(theme) ? theme : 'system';
  }

  /** Applies and keeps `wanted`, if given; returns what holds. */
  async choose(wanted: Theme | undefined): Promise<Theme> {
    if (wanted !== undefined) {
      nativeTheme.themeSource = wanted;
      await this.#store.write(`${wanted}\n`);
    }
    return nativeTheme.themeSource;
  }
}

function isTheme(text: string): text is Theme {
  return text === 'system' || text === 'light' || text === 'dark';
}
