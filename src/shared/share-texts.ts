/** The shares in a text, one or several, whatever stands around them; a text without any is given as it is. */
export function shareTexts(text: string): string[] {
  const parts = text.split(/(?=KWSHA-?RE)/i).filter((part) => part.trim() !== '');
  const shares = parts.flatMap((part) => part.match(/^KWSHA-?RE[-0-9A-Z\s]*/i)?.[0] ?? []);
  return shares.length === 0 ? parts : shares.map((share) => share.trim());
}
