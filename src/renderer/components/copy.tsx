import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { announce } from '../data/jobs.ts';
import { Mono } from './inline-text.tsx';

/** How long a button says that it has copied, in milliseconds. */
const SAID_FOR = 1_600;

/** Puts a text on the clipboard; `what` names it, as in "Copy the ARN". */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), SAID_FOR);
    return () => clearTimeout(timer);
  }, [done]);
  const Icon = done ? Check : Copy;
  return (
    <button
      type="button"
      className="button icon copy"
      aria-label={`Copy ${what}`}
      title={done ? 'Copied' : `Copy ${what}`}
      onClick={() => {
        if (!copy(text)) return;
        setDone(true);
        announce('Copied.');
      }}
    >
      <Icon size={14} aria-hidden />
    </button>
  );
}

/** An id with a button that copies it. */
export function Copied({ children, what }: { readonly children: string; readonly what: string }) {
  return (
    <span className="copied">
      <Mono>{children}</Mono>
      <CopyButton text={children} what={what} />
    </span>
  );
}

/** The page may not ask for the clipboard, but may fill in the answer to a copy that the user began. */
function copy(text: string): boolean {
  const give = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
  };
  document.addEventListener('copy', give, { once: true });
  try {
    return document.execCommand('copy');
  } finally {
    document.removeEventListener('copy', give);
  }
}
