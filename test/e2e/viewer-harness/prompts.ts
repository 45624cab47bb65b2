/** A made-up teacher for the viewer alone: balls around the points inside, without balls around the points outside; a box gives the ellipse in it. */
import type { PromptAnswer, PromptQuestion, PromptService } from '../../../src/renderer/viewer/prompting/service';
import type { Case, FileHash } from '../../../src/shared/domain';
import { type Index3, type PointMm, toMm } from '../../../src/shared/geometry';
import type { PreviewId } from '../../../src/shared/prompts';
import type { TeacherId } from '../../../src/shared/teachers';

export interface MadeUpTeacher {
  /** Milliseconds it takes to answer. */
  delay: number;
  /** The sentence it fails with, or null. */
  problem: string | null;
  /** What it was asked and told, in order. */
  readonly log: string[];
  serviceFor(subject: Case): PromptService;
}

const insideMm = 34;
const outsideMm = 22;

const distance = (a: PointMm, b: PointMm) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

function belongs(mm: PointMm, { points, box }: PromptQuestion['prompt']): boolean {
  if (points.some((point) => !point.positive && distance(point.mm, mm) < outsideMm)) return false;
  if (points.some((point) => point.positive && distance(point.mm, mm) < insideMm)) return true;
  if (!box) return false;
  const parts = mm.map((value, axis) => {
    const half = Math.abs(box.to[axis] - box.from[axis]) / 2;
    return half < 1e-6 ? 0 : ((value - (box.from[axis] + box.to[axis]) / 2) / half) ** 2;
  });
  return parts.reduce((sum, part) => sum + part, 0) < 1;
}

function draw({ grid }: Case, { prompt, plane }: PromptQuestion): { origin: Index3; size: Index3; mask: Uint8Array; voxels: number } {
  const found: Index3[] = [];
  for (let k = 0; k < grid.size[2]; k++)
    for (let j = 0; j < grid.size[1]; j++)
      for (let i = 0; i < grid.size[0]; i++) {
        const index: Index3 = [i, j, k];
        if (plane && index[plane.axis] !== plane.index) continue;
        if (belongs(toMm(grid, index), prompt)) found.push(index);
      }
  if (found.length === 0) return { origin: [0, 0, 0], size: [0, 0, 0], mask: new Uint8Array(0), voxels: 0 };
  const edge = (pick: (...values: number[]) => number) =>
    ([0, 1, 2] as const).map((axis) => found.reduce((best, index) => pick(best, index[axis]), found[0][axis]));
  const origin = edge(Math.min) as unknown as Index3;
  const size = edge(Math.max).map((to, axis) => to - origin[axis] + 1) as unknown as Index3;
  const mask = new Uint8Array(size[0] * size[1] * size[2]);
  for (const [i, j, k] of found) mask[i - origin[0] + size[0] * (j - origin[1] + size[1] * (k - origin[2]))] = 1;
  return { origin, size, mask, voxels: found.length };
}

export function createMadeUpTeacher(): MadeUpTeacher {
  let made = 0;
  let revision = 0;
  const seen = new Set<string>();
  const log: string[] = [];
  const teacher: MadeUpTeacher = {
    delay: 0,
    problem: null,
    log,
    serviceFor: (subject) => ({
      teachers: [
        { id: 'bodies' as TeacherId, name: 'Made-up 3D', modality: 'CT', axes: 3, hindrance: null },
        { id: 'pet' as TeacherId, name: 'Made-up PET', modality: 'PET', axes: 3, hindrance: null },
        { id: 'slices' as TeacherId, name: 'Made-up slices', modality: null, axes: 2, hindrance: null },
        { id: 'other' as TeacherId, name: 'Unread terms', modality: null, axes: 2, hindrance: 'Accept its licence under Teachers first.' },
      ],
      async preview(question): Promise<PromptAnswer> {
        const { points, box, refines } = question.prompt;
        log.push(
          ['ask', question.teacher, points.map(({ positive }) => (positive ? '+' : '-')).join(''), box && 'box', refines && `on ${refines}`]
            .filter(Boolean)
            .join(' '),
        );
        await new Promise((resolve) => setTimeout(resolve, teacher.delay));
        if (teacher.problem) throw new Error(teacher.problem);
        const { origin, size, mask, voxels } = draw(subject, question);
        const id = `preview-${++made}` as PreviewId;
        const file = id.padEnd(64, '0') as FileHash;
        await fetch(`/keep/${file}`, { method: 'POST', body: mask as Uint8Array<ArrayBuffer> });
        const place = question.plane ? `${question.plane.axis}/${question.plane.index}` : 'body';
        const embedding = seen.has(`${question.teacher} ${place}`) ? 'found' : 'made';
        seen.add(`${question.teacher} ${place}`);
        return {
          id,
          teacher: question.teacher,
          case: subject.id,
          channel: question.channel,
          structure: question.structure,
          plane: question.plane,
          seen: { origin: [0, 0, 0], size: subject.grid.size },
          box: { origin, size },
          file: voxels > 0 ? file : null,
          voxels,
          confidence: 0.93,
          embedding,
          seconds: teacher.delay / 1000,
          cautions:
            question.teacher === 'pet' && question.channel === 0 ? ['Made-up PET was made for PET. Look closely at its masks of CT.'] : [],
          mask,
        };
      },
      async accept(preview, structure, how) {
        log.push(`accept ${preview} ${structure} ${how}`);
        return { before: revision, after: ++revision, isDraft: true };
      },
      discard: (preview) => void log.push(`discard ${preview}`),
      async restore(to) {
        log.push(`restore ${to}`);
      },
    }),
  };
  return teacher;
}
