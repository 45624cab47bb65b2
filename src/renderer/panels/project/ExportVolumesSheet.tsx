/** Takes images or masks away, on the grid they came with or in RAS+. */
import { useState } from 'react';
import type { ModelId } from '../../../shared/domain';
import { useAnswer } from '../../answers';
import { ask } from '../../api';
import { Segmented } from '../../ui/Segmented';
import { ExportSheet } from './ExportSheet';

type What = 'images' | 'masks';
type Placement = 'source' | 'canonical';

export function ExportVolumesSheet({ onClose }: { onClose: () => void }) {
  const [what, setWhat] = useState<What>('masks');
  const [placement, setPlacement] = useState<Placement>('source');
  const [model, setModel] = useState<ModelId | ''>('');
  const { data: models } = useAnswer('models.list', {}, ['models.changed']);
  const canonical = placement === 'canonical';
  return (
    <ExportSheet
      title="Export images or masks"
      says="Writes one NIfTI file per case and channel."
      onStart={(out) => ask('export.start', what === 'images' ? { what, out, canonical } : { what, out, canonical, model: model || null })}
      onClose={onClose}
    >
      <Segmented
        label="What"
        value={what}
        options={[
          { value: 'masks', label: 'Masks' },
          { value: 'images', label: 'Images' },
        ]}
        onChange={setWhat}
      />
      {what === 'masks' && (
        <label className="path-field">
          Masks by
          <select className="input" value={model} onChange={(event) => setModel(event.target.value as ModelId | '')}>
            <option value="">the reference labels</option>
            {models?.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <Segmented
        label="Grid"
        value={placement}
        options={[
          { value: 'source', label: 'On the grid it came with' },
          { value: 'canonical', label: 'Canonical RAS+' },
        ]}
        onChange={setPlacement}
      />
    </ExportSheet>
  );
}
