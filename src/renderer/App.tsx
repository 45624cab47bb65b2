/** The frame of the workbench: welcome while no project is open, then the panel the address names. */
import { Tooltip } from 'radix-ui';
import { type ReactNode, useEffect, useState } from 'react';
import { useAnswer } from './answers';
import { CasesPanel } from './panels/cases/CasesPanel';
import { ImportHost } from './panels/cases/ImportHost';
import { CheatSheet } from './panels/frame/CheatSheet';
import { Rail } from './panels/frame/Rail';
import { StatusLine } from './panels/frame/StatusLine';
import { TopBar } from './panels/frame/TopBar';
import { useEndings } from './panels/frame/useEndings';
import { LedgerPanel } from './panels/ledger/LedgerPanel';
import { ModelsPanel } from './panels/models/ModelsPanel';
import { ProjectPanel } from './panels/project/ProjectPanel';
import { ResultsPanel } from './panels/results/ResultsPanel';
import { RunsPanel } from './panels/runs/RunsPanel';
import { StudiesPanel } from './panels/studies/StudiesPanel';
import { TeachersPanel } from './panels/teachers/TeachersPanel';
import { Welcome } from './panels/welcome/Welcome';
import { go, type Panel, panels, usePlace } from './place';
import { Answered } from './ui/Answered';
import { Notices } from './ui/Notices';

const contents: Record<Panel, () => ReactNode> = {
  cases: CasesPanel,
  runs: RunsPanel,
  studies: StudiesPanel,
  results: ResultsPanel,
  models: ModelsPanel,
  teachers: TeachersPanel,
  ledger: LedgerPanel,
  project: ProjectPanel,
};

export function App() {
  const { panel } = usePlace();
  const project = useAnswer('project.get', {}, ['project.changed']);
  const [showsKeys, setShowsKeys] = useState(false);
  useKeys(() => setShowsKeys(true));
  useEndings();
  const Content = contents[panel];
  return (
    <Tooltip.Provider delayDuration={400}>
      <div className="app">
        <TopBar />
        <main>
          {project.data && <Rail onShowKeys={() => setShowsKeys(true)} />}
          <Answered answer={project} what="the project">
            {(open) => (open === null ? <Welcome /> : <Content key={open.folder} />)}
          </Answered>
        </main>
        <StatusLine />
      </div>
      {project.data && <ImportHost />}
      <Notices />
      {showsKeys && <CheatSheet onClose={() => setShowsKeys(false)} />}
    </Tooltip.Provider>
  );
}

/** `?` shows the keys, Alt + digit goes to a panel; never while somebody types. */
function useKeys(onShowKeys: () => void): void {
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, select, textarea, [contenteditable]');
      if (event.altKey && /^[1-8]$/.test(event.key)) {
        event.preventDefault();
        go(panels[Number(event.key) - 1]);
      } else if (event.key === '?' && !isTyping) onShowKeys();
    };
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, [onShowKeys]);
}
