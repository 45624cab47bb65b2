/** What a demo teacher is shown: in training as its recipe says, afterwards as its file does. */
import { readSafetensors } from '../../../src/main/checkpoints/safetensors';
import { statedFacts } from '../../../src/main/compute/teachers/statedFacts';
import { type HuWindow, huWindowOf } from '../../../src/shared/teachers';

export interface Sight {
  modality: 'CT' | 'PET';
  /** What a teacher of volumes has CT brought into. */
  huWindow: HuWindow | null;
}

/** @param name what sentences call the recipe or the file */
export function sightOf(metadata: Readonly<Record<string, string>>, modality: Sight['modality'], name: string): Sight {
  const { family, intensity } = statedFacts(metadata, name);
  if (!family || !intensity) throw new Error(`${name}: says nothing of its family or its intensities`);
  return { modality, huWindow: huWindowOf({ family, intensity }) };
}

export const sightOfFile = async (path: string, modality: Sight['modality']): Promise<Sight> =>
  sightOf((await readSafetensors(path)).metadata, modality, path);
