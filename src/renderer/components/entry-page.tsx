import { LockKeyhole } from 'lucide-react';
import type { ReactNode } from 'react';
import { Logo } from './logo.tsx';

type Props = {
  readonly title: string;
  readonly corner?: string;
  readonly broad?: boolean;
  readonly children: ReactNode;
};

/** The page before the vault is open: one thing to decide, and the lock in its corner. */
export function EntryPage({ title, corner = 'Locked', broad = false, children }: Props) {
  return (
    <div className="frame">
      <header className="sidebar">
        <div className="mark">
          <Logo />
          Keyward
        </div>
        <div className="corner">
          <div className="place">
            <LockKeyhole size={16} aria-hidden />
            {corner}
          </div>
        </div>
      </header>
      <main className="work">
        <div className="gate">
          <div className={broad ? 'broad' : ''}>
            <h1>{title}</h1>
            {children}
          </div>
        </div>
      </main>
    </div>
  );
}
