/** Name, where we are, and the badges that matter for safety. */
import { useAnswer } from '../../answers';
import { usePlace } from '../../place';
import { setPreferences, usePreferences } from '../../preferences';
import { Tip } from '../../ui/Tip';
import { panelNames } from './Rail';

export function TopBar() {
  const place = usePlace();
  const { data: project } = useAnswer('project.get', {});
  const { data: info } = useAnswer('app.info', {});
  const { data: cases } = useAnswer('cases.list', project ? {} : null, ['cases.changed']);
  const subject = place.panel === 'cases' ? cases?.find(({ id }) => id === place.id) : undefined;
  const crumbs = project ? [project.name, subject?.name ?? panelNames[place.panel]] : [];
  return (
    <header className="topbar">
      <h1>Understudy</h1>
      <p className="crumbs ellipsis grow">
        {crumbs.map((crumb, at) => (
          <span key={crumb} className="ellipsis">
            {at > 0 && '/ '}
            {crumb}
          </span>
        ))}
      </p>
      {subject && <ConventionSwitch />}
      {project?.isDemo && <Badge says="Synthetic phantoms: no patient is shown anywhere in this project.">Demo data</Badge>}
      <Badge says="Understudy makes no connection to any other computer. Images, labels and weights stay on this machine.">Offline</Badge>
      {info && <Badge says={`Networks are trained and applied on this device; ${info.cores} cores.`}>{info.device}</Badge>}
    </header>
  );
}

/** Always in sight beside a case, because a mistaken side is a mistaken organ. A press turns every slice and thumbnail around. */
function ConventionSwitch() {
  const { convention } = usePreferences();
  const isConventional = convention === 'radiological';
  const [here, other] = isConventional ? ['left', 'neurological'] : ['right', 'radiological'];
  return (
    <Tip says={`Axial and coronal slices show the patient’s right on the ${here} of the screen. Press for the ${other} view.`}>
      <button
        type="button"
        className="badge"
        data-tone={isConventional ? undefined : 'caution'}
        onClick={() => setPreferences({ convention: isConventional ? 'neurological' : 'radiological' })}
      >
        {isConventional ? 'Radiological view' : 'Neurological view'}
      </button>
    </Tip>
  );
}

function Badge({ says, children }: { says: string; children: string }) {
  return (
    <Tip says={says}>
      <span className="badge">{children}</span>
    </Tip>
  );
}
