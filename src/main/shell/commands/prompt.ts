/** `prompt`: a teacher's mask for points and a box in millimetres, and its way into the label. `structures` and `labels`: what goes with it. */
import type { Case, LabelRevision, LabelState, Structure } from '../../../shared/domain';
import { AppError, fail } from '../../../shared/errors';
import { type PointMm, toIndex } from '../../../shared/geometry';
import { whose } from '../../../shared/ledger';
import { type Acceptance, acceptances, type Preview, type PromptPlane, type PromptPoint, type PromptWindow } from '../../../shared/prompts';
import { caseCalled } from './choose';
import type { CommonOptions } from './commonOptions';
import { projectFolder } from './paths';
import { fixed, printJson, table } from './print';
import { type Session, withWorkbench } from './session';
import { teacherCalled } from './teachers';

interface PromptOptions extends CommonOptions {
  teacher: string;
  case: string;
  structure: string;
  point?: string[];
  box?: string;
  slice?: string;
  channel?: number;
  window?: string;
  accept?: true;
  how?: string;
  overwrite?: true;
}

export const promptCommand = (options: PromptOptions): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    const { ask } = session.workbench;
    const points = (options.point ?? []).map(pointOf);
    const box = options.box === undefined ? null : boxOf(options.box);
    const window = options.window === undefined ? null : windowOf(options.window);
    const how = howOf(options.how);
    const teacher = await teacherCalled(session, options.teacher);
    const subject = await caseCalled(session, options.case);
    const structure = await structureCalled(session, options.structure);
    const plane =
      teacher.input.axes === 2 || options.slice !== undefined ? planeOf(subject, options.slice, points[0]?.mm ?? box?.from) : null;
    const preview = await ask('prompts.preview', {
      teacher: teacher.id,
      case: subject.id,
      channel: options.channel,
      structure: structure.index,
      prompt: {
        points: points.map(({ mm, positive }) => ({ mm: [...mm], positive })),
        box: box && { from: [...box.from], to: [...box.to] },
      },
      plane,
      window,
    });
    const others = options.overwrite ? 'overwrite' : 'keep';
    const label = options.accept ? await ask('prompts.accept', { preview: preview.id, how, others }) : null;
    if (options.json) printJson({ preview, label });
    else print(subject, structure, preview, label);
    return 0;
  });

function print(subject: Case, structure: Structure, preview: Preview, label: LabelRevision | null): void {
  const { voxels, confidence, embedding, seconds, cautions, box } = preview;
  const where = voxels > 0 ? ` in ${box.size.join('×')} voxels from ${box.origin.join(', ')}` : '';
  console.log(`${structure.name} in ${subject.name}: ${voxels} voxels${where}, confidence ${fixed(confidence, 2)}`);
  console.log(`${embedding === 'made' ? 'The image was new to the teacher' : 'The teacher had seen the image'}: ${fixed(seconds, 2)} s`);
  for (const caution of cautions) console.log(`Note: ${caution}`);
  console.log(label ? `It is in the label now, revision ${label.revision}.` : 'Nothing was changed; --accept writes it into the label.');
  if (label?.state === 'draft') {
    console.log(`The label is a draft. Once nothing is missing in it: npm run -s cli -- labels complete "${subject.name}"`);
  }
}

export const structuresCommand = (options: CommonOptions & { add?: string[] }): Promise<number> =>
  withWorkbench(projectFolder(options.project), async ({ workbench }) => {
    for (const name of options.add ?? []) await workbench.ask('structures.add', { name });
    const structures = (await workbench.ask('project.get', {}))?.structures ?? [];
    if (options.json) printJson({ structures });
    else if (structures.length === 0) console.log('No structures yet. Add one: npm run -s cli -- structures --add NAME --project DIR');
    else {
      const columns = [
        { title: 'value', value: ({ index }: Structure) => index },
        { title: 'name', value: ({ name }: Structure) => name },
        { title: 'colour', value: ({ colour }: Structure) => colour },
      ];
      console.log(table(structures, columns));
    }
    return 0;
  });

export const labelsCommand = (typed: string, options: CommonOptions & { restore?: number }): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    const { ask } = session.workbench;
    const subject = await caseCalled(session, typed);
    if (options.restore !== undefined) await ask('labels.restore', { case: subject.id, revision: options.restore });
    const revisions = await ask('labels.history', { case: subject.id });
    if (options.json) printJson({ case: subject.id, revisions });
    else if (revisions.length === 0) console.log(`${subject.name} has no label.`);
    else console.log(revisionsTable(revisions));
    return 0;
  });

/** `labels complete` and `labels draft`: whether labels train and evaluate. */
export const labelStateCommand =
  (state: LabelState) =>
  (typed: string[], options: CommonOptions): Promise<number> =>
    withWorkbench(projectFolder(options.project), async (session) => {
      const subjects = await Promise.all(typed.map((one) => caseCalled(session, one)));
      await session.workbench.ask('labels.setState', { cases: subjects.map(({ id }) => id), state });
      if (options.json) printJson({ cases: subjects.map(({ id }) => id), state });
      else for (const { name } of subjects) console.log(`The label of ${name} is ${state === 'complete' ? 'complete' : 'a draft'}.`);
      return 0;
    });

const revisionsTable = (revisions: readonly LabelRevision[]): string =>
  table(revisions, [
    { title: 'revision', value: ({ revision }) => revision },
    { title: 'how it came', value: describeOrigin },
    { title: 'state', value: ({ state }) => state },
    { title: 'voxels', value: ({ voxels }) => Object.values(voxels).reduce((sum, count) => sum + count, 0) },
    { title: 'when', value: ({ createdAt }) => createdAt },
  ]);

function describeOrigin({ made }: LabelRevision): string {
  if (made === null) return 'imported';
  if (made.by === 'moment') return `structure ${made.structure} by ${whose[made.source]} of run ${made.runNumber} at step ${made.step}`;
  if (made.by === 'restore') return made.revision === 0 ? 'taken back to no label' : `revision ${made.revision} again`;
  return `${made.how} structure ${made.structure} by ${made.teacherName}`;
}

/** `x,y,z` or `x,y,z,negative`. */
function pointOf(typed: string): PromptPoint {
  const [sign, ...rest] = typed.split(',').reverse();
  if (sign.trim() === 'negative') return { mm: placeOf(rest.reverse(), typed), positive: false };
  return { mm: placeOf(typed.split(','), typed), positive: true };
}

function boxOf(typed: string): { from: PointMm; to: PointMm } {
  const parts = typed.split(',');
  if (parts.length !== 6) refuse(`The box ${typed} should be six numbers, the x,y,z of two corners.`);
  return { from: placeOf(parts.slice(0, 3), typed), to: placeOf(parts.slice(3), typed) };
}

function placeOf(parts: readonly string[], typed: string): PointMm {
  const [x, y, z, ...more] = parts.map(numberOf);
  if (z === undefined || more.length > 0 || ![x, y, z].every(Number.isFinite)) {
    refuse(`The point ${typed} should be x,y,z in millimetres, or x,y,z,negative.`);
  }
  return [x, y, z];
}

function windowOf(typed: string): PromptWindow {
  const [low, high, ...more] = typed.split(',').map(numberOf);
  if (!(low < high) || more.length > 0) refuse(`The window ${typed} should be two numbers, the lower one first.`);
  return { low, high };
}

const numberOf = (typed: string): number => (typed.trim() === '' ? Number.NaN : Number(typed));

function howOf(typed = 'replace'): Acceptance {
  return acceptances.find((how) => how === typed) ?? refuse(`The way ${typed} is not known. Say ${acceptances.join(', ')}.`);
}

/** `k,40`; without it the slice along k on which the first point lies. */
function planeOf({ grid }: Case, typed: string | undefined, first: PointMm | undefined): PromptPlane {
  if (typed === undefined) {
    const nearest = first ? Math.round(toIndex(grid, first)[2]) : 0;
    return { axis: 2, index: Math.min(grid.size[2] - 1, Math.max(0, nearest)) };
  }
  const found = /^([ijk]),(\d+)$/.exec(typed) ?? refuse(`The slice ${typed} should be an axis and a number, such as k,40.`);
  return { axis: 'ijk'.indexOf(found[1]) as PromptPlane['axis'], index: Number(found[2]) };
}

/** By its name or the value it has in labels. @throws NOT_FOUND */
async function structureCalled({ workbench }: Session, typed: string): Promise<Structure> {
  const structures = (await workbench.ask('project.get', {}))?.structures ?? [];
  return structures.find(({ name, index }) => name === typed || String(index) === typed) ?? fail('NOT_FOUND', `structure ${typed}`);
}

function refuse(sentence: string): never {
  throw new AppError('BAD_INPUT', sentence);
}
