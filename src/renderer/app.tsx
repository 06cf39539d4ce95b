import { useEffect, useState } from 'react';
import type { ErrorBody } from '../shared/errors.ts';
import { ask } from './bridge.ts';
import { Button } from './components/button.tsx';
import { EntryPage } from './components/entry-page.tsx';
import { ErrorNote } from './components/note.tsx';
import { followEvents, useAnnouncement } from './data/jobs.ts';
import { loadStatus, useStatus } from './data/status.ts';
import { LogTrouble } from './features/activity/log-trouble.tsx';
import { DropTarget } from './features/files/drop-target.tsx';
import { SeriousFindings } from './features/findings/findings.tsx';
import { RescueNote } from './features/recovery/rescue-note.tsx';
import { Setup } from './features/setup/setup.tsx';
import { HeldElsewhere } from './features/unlock/held-elsewhere.tsx';
import { Unlock } from './features/unlock/unlock.tsx';
import { Workbench } from './workbench.tsx';

/** The page: which of its faces is shown follows the vault's state. */
export function App() {
  const said = useAnnouncement();
  const [refused, setRefused] = useState<ErrorBody>();
  useEffect(() => {
    loadStatus();
    return followEvents(setRefused);
  }, []);
  return (
    <>
      <CurrentPage />
      <DropTarget refused={refused} forget={() => setRefused(undefined)} />
      <div className="hidden" role="status">
        {said}
      </div>
    </>
  );
}

function CurrentPage() {
  const { value, error } = useStatus();
  if (error !== undefined) {
    return (
      <EntryPage title="The vault can’t be read">
        <ErrorNote error={error} actions={<Button onPress={loadStatus}>Try again</Button>} />
        <p className="text">
          Nothing was changed. Keep a copy of the vault’s folder. With a backup and your recovery phrase: move
          vault.db and vault.keys out of that folder and press “Try again”; the first page then brings the
          backup back.
        </p>
        <div className="actions">
          <Button onPress={() => ask('vault.showHome', {})}>Show the vault’s folder</Button>
        </div>
      </EntryPage>
    );
  }
  switch (value?.state) {
    case undefined:
      return null;
    case 'none':
      return <Setup home={value.home} />;
    case 'locked':
      return <Unlock status={value} />;
    case 'elsewhere':
      return <HeldElsewhere holder={value.holder} />;
    case 'unlocked':
      return (
        <div className="with-bar">
          <LogTrouble trouble={value.auditTrouble} />
          {value.rescue === true ? <RescueNote /> : <SeriousFindings findings={value.findings} />}
          <Workbench status={value} />
        </div>
      );
  }
}
