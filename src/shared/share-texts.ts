/** How many letters and digits a share has behind its mark. */
const LENGTH = 117;

const SHARE = new RegExp(String.raw`^KWSHA[-\s]?RE(?:[-\s]*[0-9A-Z]){1,${LENGTH}}`, 'i');

/** The shares in a text, one or several, whatever stands around them; a text without any is given as it is. */
export function shareTexts(text: string): string[] {
  const parts = text.split(/(?=KWSHA[-\s]?RE)/i).filter((part) => part.trim() !== '');
  const shares = parts.flatMap((part) => SHARE.exec(part)?.[0] ?? []);
  return shares.length === 0 ? parts : shares;
}
