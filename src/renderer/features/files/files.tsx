import { FileKey2, FilePlus2, FolderPlus } from 'lucide-react';
import { useEffect } from 'react';
import { isForFiles } from '../../../shared/key-specs.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { addPendingDrops, clearJobs, loadJobs, useJobs } from '../../data/jobs.ts';
import { useKeys } from '../../data/keys.tsx';
import { useStatus } from '../../data/status.ts';
import { useView } from '../../data/view.ts';
import { KeyChoice } from '../keys/key-choice.tsx';
import { JobItem } from './job.tsx';

const choose = async (what: 'files' | 'folder') =>
  addPendingDrops((await ask('files.choose', { what })).files);

/** Files: what was done in this window since it was unlocked, and how to begin more. */
export function FilesPlace() {
  const jobs = useJobs();
  const isRescue = useStatus().value?.rescue === true;
  useEffect(() => {
    loadJobs();
  }, []);
  return (
    <>
      <header>
        <div className="head">
          <h1>Files</h1>
          {jobs.length > 0 ? <ChooseButtons /> : null}
        </div>
        <KeyPicker />
      </header>
      {jobs.length === 0 ? (
        <div className="empty">
          <FileKey2 size={36} strokeWidth={1.5} aria-hidden />
          <h2>Drop {isRescue ? 'an encrypted file' : 'a file'} anywhere in this window</h2>
          <p>
            {isRescue
              ? 'What Keyward has encrypted comes back beside it: Contract.pdf.keyward gives Contract.pdf. Nothing can be encrypted until the vault is repaired.'
              : 'Keyward writes an encrypted copy beside it: Contract.pdf gets Contract.pdf.keyward. The original stays where it is. Drop the .keyward file to get it back.'}
          </p>
          <div className="actions">
            <ChooseButtons />
          </div>
        </div>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className="scroll" tabIndex={0} aria-label="Jobs">
          {jobs.map((job) => (
            <JobItem key={job.id} job={job} />
          ))}
          {jobs.some(({ endedAt }) => endedAt !== null) ? (
            <div className="actions end">
              <Button look="plain" onPress={clearJobs}>
                Clear this list
              </Button>
            </div>
          ) : null}
        </section>
      )}
    </>
  );
}

function ChooseButtons() {
  return (
    <div className="actions">
      <Button icon={FilePlus2} onPress={() => choose('files')}>
        Choose files…
      </Button>
      <Button icon={FolderPlus} onPress={() => choose('folder')}>
        Choose a folder…
      </Button>
    </div>
  );
}

function KeyPicker() {
  const { list, current } = useKeys();
  const encryptUnder = useView((view) => view.encryptUnder);
  const usable = list?.filter((key) => key.state === 'Enabled' && isForFiles(key)) ?? [];
  // One alone needs no choice, unless it is not the one that is chosen.
  if (usable.length < 2 && (current === undefined || usable.includes(current))) return null;
  return (
    <div className="filters">
      <label htmlFor="encrypt-under">Encrypt under</label>
      <KeyChoice
        id="encrypt-under"
        of={usable}
        chosen={current}
        none="Choose a key"
        onChoose={({ keyId }) => encryptUnder(keyId)}
      />
    </div>
  );
}
