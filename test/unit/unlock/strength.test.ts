import { expect, it } from 'vitest';
import { generatedPassphrase } from '../../../src/main/unlock/secret.ts';
import { passphraseStrength } from '../../../src/main/unlock/strength.ts';
import { strengthText, weakText } from '../../../src/shared/passphrase-strength.ts';

const strengthOf = (text: string) => passphraseStrength(Buffer.from(text));

it.each(['hunter2', 'passphrase', 'john1984', 'x'.repeat(300), 'Keyward1', 'qwertzuiop'])(
  'finds %s weak, and says after how many tries it falls',
  async (text) => {
    const strength = await strengthOf(text);
    expect(strength.weak).toBe(true);
    expect(strengthText(strength)).toMatch(/^(very )?weak: found within about 1[0,]* tries$/);
    expect(weakText(strength)).toContain('Several words');
  },
);

it.each(['correct horse battery staple', 'a passphrase for tests', 'größe über straße'])(
  'finds %s good enough',
  async (text) => {
    const strength = await strengthOf(text);
    expect(strength).toMatchObject({ weak: false });
    expect(strengthText(strength)).toMatch(/^(good|strong)$/);
  },
);

it('finds six words at random strong, each of a list of 2,048', async () => {
  const words = generatedPassphrase().toString();
  expect(words.split(' ')).toHaveLength(6);
  expect(await strengthOf(words)).toMatchObject({ level: 4, weak: false });
});

it('refuses what can be no passphrase, as setting it would', async () => {
  await expect(strengthOf('two\nlines')).rejects.toMatchObject({ code: 'Usage' });
});
