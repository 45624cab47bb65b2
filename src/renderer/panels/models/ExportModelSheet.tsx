/** Takes a student away as an ONNX file that any runtime can run. */
import type { Model } from '../../../shared/domain';
import { ask } from '../../api';
import { ExportSheet } from '../project/ExportSheet';

export function ExportModelSheet({ model, onClose }: { model: Model; onClose: () => void }) {
  return (
    <ExportSheet
      title={`Export ${model.name}`}
      says="Writes one ONNX file: the network, its weights, and how its input has to be prepared."
      onStart={(out) => ask('export.start', { what: 'model', out, model: model.id })}
      onClose={onClose}
    />
  );
}
