/** Whether a teacher may be prompted, what it is to look at, and what a person should know before trusting its mask. */
import { stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Parsed } from '../../../shared/contract';
import type { Case, Channel } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import type { PromptWindow } from '../../../shared/prompts';
import { architectureOf, huWindowOf, isVolumeTreatment, ranges, type Teacher, volumeTreatments } from '../../../shared/teachers';
import type { PromptView } from '../../compute/jobData';
import { addressOf } from '../../files/durable';
import type { Store } from '../../store/store';
import type { KeptPreview } from './previews';

type Asked = Parsed<'prompts.preview'>;

/** @throws TEACHER_NOT_PROMPTED, TEACHER_NOT_ACCEPTED, TEACHER_GONE */
export async function requirePromptable(store: Pick<Store, 'files'>, teacher: Teacher): Promise<void> {
  const architecture = architectureOf[teacher.family];
  if (architecture === 'dinov3') fail('TEACHER_NOT_PROMPTED', teacher.name, 'it tells features, not masks');
  if (architecture === 'onnx') fail('TEACHER_NOT_PROMPTED', teacher.name, 'it segments without asking');
  if (!teacher.acceptedAt) fail('TEACHER_NOT_ACCEPTED', teacher.name);
  if (!(await stat(addressOf(store.files, teacher.file)).catch(() => null))) fail('TEACHER_GONE', teacher.name);
}

/**
 * What the teacher is to look at. A refinement looks where the mask it refines came from.
 * @throws PROMPT_EMPTY, PROMPT_NO_PLACE, PROMPT_PLANE, TEACHER_INTENSITY, PREVIEW_ELSEWHERE, NOT_FOUND for a slice that is not there
 */
export function viewFor(teacher: Teacher, one: Case, asked: Asked, refined: KeptPreview | null): PromptView {
  const { points, box } = asked.prompt;
  if (points.length === 0 && !box && !refined) fail('PROMPT_EMPTY');
  const isPlane = architectureOf[teacher.family] === 'sam-2d';
  if (isPlane !== (asked.plane !== null)) fail('PROMPT_PLANE', teacher.name, isPlane ? 'slices' : 'volumes');
  if (refined && !isSamePlace(refined, asked)) fail('PREVIEW_ELSEWHERE');
  return isPlane ? sliceView(teacher, one, asked) : volumeView(teacher, asked, refined);
}

const isSamePlace = ({ preview }: KeptPreview, asked: Asked): boolean =>
  preview.teacher === asked.teacher &&
  preview.case === asked.case &&
  preview.channel === asked.channel &&
  isDeepStrictEqual(preview.plane, asked.plane);

function sliceView({ name, intensity, family }: Teacher, one: Case, { plane, window, channel }: Asked): PromptView {
  if (!plane) return fail('PROMPT_PLANE', name, 'slices');
  if (plane.index >= one.grid.size[plane.axis]) fail('NOT_FOUND', `slice ${plane.index} along ${'ijk'[plane.axis]} in case ${one.name}`);
  if (intensity !== 'imagenet' && intensity !== 'unit') return fail('TEACHER_INTENSITY', name, intensity, 'imagenet or unit');
  return {
    kind: 'slice',
    plane,
    window: window && window.low < window.high ? window : usualWindow(one.channels[channel]),
    colours: intensity,
    fit: family === 'medsam' ? 'stretched' : 'inside',
  };
}

/** Soft tissue for CT; anything else from its half percent to its 99.5th. */
function usualWindow({ unit, statistics: { p005, p995, min, max } }: Channel): PromptWindow {
  const [low, high] = unit === 'HU' ? ranges.softTissue : p005 < p995 ? [p005, p995] : [min, Math.max(max, min + 1)];
  return { low, high };
}

/** SAM-Med3D's and SegAnyPET's own; both were trained at it. */
const usualSpacingMm = 1.5;

function volumeView({ name, intensity, family, spacingMm }: Teacher, { prompt }: Asked, refined: KeptPreview | null): PromptView {
  if (!isVolumeTreatment(intensity)) fail('TEACHER_INTENSITY', name, intensity, volumeTreatments.join(' or '));
  if (refined) return refined.view;
  const first = prompt.points.find(({ positive }) => positive);
  if (!first) {
    if (prompt.box) fail('PROMPT_NO_BOX', name);
    return fail('PROMPT_NO_PLACE', name);
  }
  return {
    kind: 'volume',
    huWindow: huWindowOf({ family, intensity }),
    centre: first.mm,
    spacingMm: spacingMm ?? usualSpacingMm,
  };
}

export function cautionsFor(teacher: Teacher, { modality }: Channel, { prompt }: Asked, isTraining: boolean): string[] {
  return [
    ...(teacher.modality && teacher.modality !== modality
      ? [`${teacher.name} was trained on ${teacher.modality}, and this is ${modality}: look at its masks twice.`]
      : []),
    ...(teacher.family === 'medsam' && !prompt.box ? [`${teacher.name} was trained with boxes: draw one for a better mask.`] : []),
    ...(isTraining ? ['A run is training on this machine meanwhile, so masks take longer.'] : []),
  ];
}
