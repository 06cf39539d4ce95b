/** People write `my-files`; AWS wants `alias/my-files`. Ids, ARNs and whole alias names stay as they are. */
export function keyReference(text: string): string {
  const whole = text.startsWith('alias/') || text.startsWith('arn:') || /^[0-9a-f-]{36}$/.test(text);
  return whole ? text : `alias/${text}`;
}
