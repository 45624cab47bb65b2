/** The way between panels. */
import { addressOf, type Panel, usePlace } from '../../place';
import { Icon, type IconName } from '../../ui/icons';

export const panelNames: Record<Panel, string> = {
  cases: 'Cases',
  runs: 'Runs',
  studies: 'Studies',
  results: 'Results',
  models: 'Models',
  teachers: 'Teachers',
  ledger: 'Ledger',
  project: 'Project',
};
const icons: Record<Panel, IconName> = {
  cases: 'cases',
  runs: 'runs',
  studies: 'studies',
  results: 'results',
  models: 'models',
  teachers: 'teachers',
  ledger: 'ledger',
  project: 'project',
};

export function Rail({ onShowKeys }: { onShowKeys: () => void }) {
  const place = usePlace();
  return (
    <nav className="rail" aria-label="Panels">
      {(Object.keys(panelNames) as Panel[]).map((panel) => (
        <a key={panel} href={addressOf({ panel })} aria-current={place.panel === panel ? 'page' : undefined}>
          <Icon name={icons[panel]} />
          {panelNames[panel]}
        </a>
      ))}
      <span className="grow" />
      <button type="button" onClick={onShowKeys} aria-keyshortcuts="?">
        <Icon name="keyboard" />
        Keys
      </button>
    </nav>
  );
}
