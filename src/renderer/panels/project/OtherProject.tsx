/** The ways into a project: open a folder, make a new one, or make the demo. */
import { type FormEvent, useState } from 'react';
import { useAnswer } from '../../answers';
import { ask } from '../../api';
import { useAsk } from '../../asking';
import { Action } from '../../ui/Action';
import { PathField } from '../../ui/PathField';
import { Segmented } from '../../ui/Segmented';

type Way = 'open' | 'create';

export function OtherProject({ offersDemo = true }: { offersDemo?: boolean }) {
  const [way, setWay] = useState<Way>('create');
  const [folder, setFolder] = useState('');
  const [name, setName] = useState('');
  const { data: info } = useAnswer('app.info', {});
  const opening = useAsk();
  const suggested = info && `${info.projectsFolder}/${name.trim() || 'My project'}`;
  const chosen = folder.trim() || (way === 'create' ? suggested : '') || '';
  const isReady = chosen !== '' && (way === 'open' || name.trim() !== '');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!isReady) return;
    if (way === 'open') await opening.ask('project.open', { folder: chosen });
    else await opening.ask('project.create', { folder: chosen, name: name.trim() });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Segmented
        label="How"
        value={way}
        options={[
          { value: 'create', label: 'New project' },
          { value: 'open', label: 'Open a folder' },
        ]}
        onChange={setWay}
      />
      {way === 'create' && (
        <label className="path-field">
          Name
          <input
            className="input"
            value={name}
            maxLength={120}
            placeholder="My project"
            onChange={(event) => setName(event.target.value)}
          />
        </label>
      )}
      <PathField
        label={way === 'create' ? 'Folder' : 'Folder that holds a project'}
        value={folder}
        onChange={setFolder}
        placeholder={way === 'create' ? suggested : info?.demoFolder}
        hint={info?.isDesktop ? undefined : 'As it is called on the computer where Understudy runs.'}
      />
      {opening.error && (
        <p className="message" data-tone="bad" role="alert">
          {opening.error.message}
        </p>
      )}
      <div className="row wrap">
        <button type="submit" className="button" data-kind="primary" disabled={!isReady || opening.busy !== null}>
          {opening.busy && <span className="spinner" />}
          {way === 'create' ? 'Create it' : 'Open it'}
        </button>
        {offersDemo && <Action onAct={() => ask('project.createDemo', {})}>Open the demo</Action>}
      </div>
    </form>
  );
}
