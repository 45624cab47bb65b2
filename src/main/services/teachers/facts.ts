/** What is known of a teacher before anyone has said more: its shapes, then what its file says of itself, then what its family is known for. */
import { basename, parse } from 'node:path';
import { familyFacts, type Teacher } from '../../../shared/teachers';
import type { Result } from '../../compute/protocol';

type Looked = Pick<Result<'importTeacher'>, 'family' | 'facts' | 'stated' | 'source'>;

export function factsFrom(
  { family, facts, stated, source }: Looked,
  path: string,
): Omit<Teacher, 'id' | 'file' | 'reference' | 'checks' | 'addedAt'> {
  const { modality, spacingMm, intensity, licence } = { ...familyFacts[family], ...stated };
  const { variant, parameters, input } = facts;
  return {
    // What a network of one's own is called shows in its file's name only.
    name: stated.name ?? (family === 'onnx' ? parse(path).name : `${familyFacts[family].title} ${variant}`),
    ...{ family, variant, parameters, input, modality, spacingMm, intensity, licence },
    acceptedAt: null,
    about: stated.about ?? null,
    source: { fileName: basename(path), ...source },
  };
}
