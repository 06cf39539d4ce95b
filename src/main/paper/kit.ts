import type { KitFacts } from '../../shared/recovery-contract.ts';
import { factTable, html, printed } from './page.ts';
import { qrSvg } from './qr.ts';

const WITH = [
  'Install Keyward on the new computer, and have the stick or folder with your backups at hand.',
  'Start it and choose “I have a recovery phrase or shares”. In a terminal: <code>keyward backup restore FOLDER</code>',
  'Choose the folder that the backups are in. It shows which are there, and takes the newest.',
  'Type the 24 words.',
  'Choose a new passphrase, and type it twice.',
  'Open a file: drop it on the window. In a terminal: <code>keyward decrypt FILE.keyward</code>',
];

const WITHOUT = [
  'On a computer that you trust, off the network: install age (1.3 or newer, or any age for backups of the kind x25519) and Node 18.',
  'Find the newest backup, the highest number: <code>VAULT-DEVICE-NUMBER.age</code>; its <code>.json</code> names the kind.',
  'Type the age identity of that kind into a file <code>identity.txt</code>, or make it from the words: <code>node keyward-decrypt.mjs --identity-from-phrase phrase.txt --kind KIND</code>',
  'Open the backup: <code>age -d -i identity.txt -o backup.json BACKUP.age</code>',
  'Decrypt each file: <code>node keyward-decrypt.mjs --key backup.json FILE.keyward</code>',
  'Delete <code>identity.txt</code>, <code>phrase.txt</code> and <code>backup.json</code>.',
];

/**
 * The recovery kit on one page. With the phrase the page is a secret: its words, a QR code of them, and the age identities
 * that derive from them; without it there are lines to write on.
 */
export function kitPage(facts: KitFacts): string {
  const { identities, phrase } = facts;
  const words = phrase?.split(' ') ?? Array.from({ length: 24 }, () => '_________');
  const list = words
    .map((word, n) => `<li>${String(n + 1).padStart(2, '\u2007')} ${html(word)}</li>`)
    .join('');
  const code = phrase === undefined ? '' : qrSvg(phrase, 'The recovery phrase');
  return printed('Keyward recovery kit', [
    `<h1>Keyward recovery kit</h1>
<p>${
      phrase === undefined
        ? 'Write the 24 words of the recovery phrase here by hand.'
        : 'These words open the vault and its backups. Whoever has this page needs nothing else.'
    } Keep it away from the computer and from the backups.</p>
<h2>Recovery phrase</h2>
<div class="secret"><ol class="words">${list}</ol>${code}</div>
<h2>What it opens</h2>
${factTable([
  ['Vault', facts.vaultId],
  ['Made', facts.created.slice(0, 10)],
  ['Log’s first key, SHA-256', facts.logKey],
  ['Backup key, SHA-256', facts.backupKey ?? 'none yet'],
  ['Printed', facts.printed.slice(0, 10)],
])}
${
  identities === undefined
    ? ''
    : `<h2>age identities, of the same words</h2>
${factTable([
  ['hybrid', identities.hybrid],
  ['x25519', identities.x25519],
])}`
}
<div class="steps">
<div><h2>With Keyward</h2><ol class="do">${WITH.map((step) => `<li>${step}</li>`).join('')}</ol></div>
<div><h2>Without Keyward</h2><ol class="do">${WITHOUT.map((step) => `<li>${step}</li>`).join('')}</ol></div>
</div>`,
  ]);
}
