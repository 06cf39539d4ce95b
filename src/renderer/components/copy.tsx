import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { COPIED_AS_SECRET, copySecret } from '../bridge.ts';
import { announce } from '../data/jobs.ts';
import { Mono } from './inline-text.tsx';

/** How long a button says that it has copied, in milliseconds. */
const SAID_FOR = 1_600;

type Props = {
  /** As in "Copy the ARN". */
  readonly what: string;
  /** Taken from the clipboard again after a while. */
  readonly secret?: boolean;
};

/** Puts a text on the clipboard. */
export function CopyButton({ text, what, secret = false }: Props & { readonly text: string }) {
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
      title={done ? (secret ? 'Copied, for a minute' : 'Copied') : `Copy ${what}`}
      onClick={() => {
        if (secret) copySecret(text);
        else if (!copy(text)) return;
        setDone(true);
        announce(secret ? 'Copied. It is taken from the clipboard after a minute.' : 'Copied.');
      }}
    >
      <Icon size={14} aria-hidden />
    </button>
  );
}

/** An id with a button that copies it. */
export function Copied({ children, what, secret = false }: Props & { readonly children: string }) {
  return (
    <span className="copied" {...(secret ? COPIED_AS_SECRET : {})}>
      <Mono>{children}</Mono>
      <CopyButton text={children} what={what} secret={secret} />
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
