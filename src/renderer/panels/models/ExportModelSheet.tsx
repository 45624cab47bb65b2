/** Takes a student away as an ONNX file that any runtime can run. */
import type { Model } from '../../../shared/domain';
import { ask } from '../../api';
import { ExportSheet } from '../project/ExportSheet';

export function ExportModelSheet({ model, onClose }: { model: Model; onClose: () => void }) {
  return (
    <ExportSheet
      title={`Export ${model.name}`}
      says="Writes the network with its weights as one ONNX file, with a description of its input beside it."
      onStart={(out) => ask('export.start', { what: 'model', out, model: model.id })}
      onClose={onClose}
    />
  );
}
