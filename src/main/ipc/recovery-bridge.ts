import type { BridgeMethod } from '../../shared/bridge.ts';
import type { recoveryBridge as rows } from '../../shared/recovery-bridge.ts';
import { freshUnlock } from './credentials.ts';
import type { Desktop } from './desktop.ts';
import type { Handles } from './handles.ts';
import type { VaultHolder } from './holder.ts';
import type { Papers } from './papers.ts';
import type { Handlers } from './registrar.ts';
import type { HomeClaim, PaperPorts } from './session.ts';
import type { Works } from './works.ts';

type RecoveryHandlers = Pick<Handlers, Extract<BridgeMethod, keyof typeof rows>>;

/** What the handlers work with. */
type RecoveryDeps<C extends HomeClaim> = {
  readonly holder: VaultHolder<C>;
  readonly handles: Handles;
  readonly desktop: Desktop;
  readonly papers: Papers;
  readonly pages: PaperPorts;
  readonly works: Works;
};

const NAMES = { kit: 'keyward-recovery-kit.pdf', shares: 'keyward-shares.pdf' } as const;

/** The bridge's methods about the recovery phrase, what is printed, and the drill. Wipes every secret that it is given. */
export function recoveryBridge<C extends HomeClaim>(deps: RecoveryDeps<C>): RecoveryHandlers {
  const { holder, handles, desktop, papers, pages, works } = deps;
  return {
    'recovery.kit': async ({ words, ...rest }) => {
      const phrase = words === undefined ? {} : { phrase: wordsOf(words) };
      const facts = await holder.call('recovery.kit', { ...phrase, ...rest });
      return { paper: papers.keep('kit', pages.kit(facts)) };
    },
    'recovery.split': async ({ shares, threshold, shown }) => {
      try {
        const credential = freshUnlock(shown);
        const set = await holder.call('recovery.split', { shares, threshold, credential });
        const facts = await holder.call('recovery.kit', {});
        return { paper: papers.keep('shares', pages.shares(facts, set)) };
      } finally {
        shown.secret.fill(0);
      }
    },
    'recovery.unsplit': async ({ shown }) => {
      try {
        await holder.call('recovery.unsplit', { credential: freshUnlock(shown) });
        return {};
      } finally {
        shown.secret.fill(0);
      }
    },
    'paper.show': async ({ paper }) => {
      await desktop.paper.show(paper, papers.get(paper).html);
      return {};
    },
    'paper.print': ({ paper, size }) => desktop.paper.print(papers.get(paper).html, size),
    'paper.save': async ({ paper, size }) => {
      const { name } = papers.get(paper);
      // The dialog takes its time, and what was wiped meanwhile would be an empty page.
      const path = await desktop.save('paper', NAMES[name], () =>
        desktop.paper.pdf(papers.get(paper).html, size),
      );
      const [file = null] = path === undefined ? [] : await handles.give([path]);
      return { file };
    },
    'paper.forget': ({ paper }) => {
      papers.forget(paper);
      desktop.paper.close(paper);
      return {};
    },
    'shares.choose': async () => ({ files: await handles.give(await desktop.choose('shares')) }),
    'backup.drill': async ({ phrase }) => {
      const { at, backup, keys, files } = await works.run('drill', (how) =>
        holder.call('backup.drill', { phrase: wordsOf(phrase) }, how),
      );
      return { at, created: backup.created, keys, files: files.map((path) => handles.nameOf(path)) };
    },
  };
}

/** The text of a phrase as it was typed, whose bytes are wiped. */
function wordsOf(typed: Uint8Array): string {
  const text = new TextDecoder().decode(typed);
  typed.fill(0);
  return text;
}
