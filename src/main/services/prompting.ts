/**
 * Prompting: a person points, a teacher answers with a mask, and what is accepted becomes the label's next revision.
 * Teachers answer in a compute process of their own, so that neither a training run nor a prompt waits for the other, and one that takes
 * too much memory ends alone.
 */
import { randomUUID } from 'node:crypto';
import { availableParallelism, totalmem } from 'node:os';
import type { Handlers, Parsed } from '../../shared/contract';
import { counted } from '../../shared/counts';
import type { Case, FileHash, LabelRevision, Structure } from '../../shared/domain';
import { fail } from '../../shared/errors';
import type { Acceptance, Preview, PreviewId, Prompt } from '../../shared/prompts';
import type { Compute } from '../compute/host';
import { addressOf } from '../files/durable';
import { getCases } from '../store/cases';
import type { Store } from '../store/store';
import { listStructures } from '../store/structures';
import { getTeacher } from '../store/teachers';
import type { Desk } from './desk';
import { type NewRevision, reviseLabel } from './labelEdits';
import { startAsking } from './prompting/asking';
import { type KeptPreview, openPreviews, type Previews } from './prompting/previews';
import { cautionsFor, requirePromptable, viewFor } from './prompting/request';
import { storedMask } from './stored';

export interface Prompting {
  handlers: Pick<Handlers, 'prompts.preview' | 'prompts.accept' | 'prompts.stop' | 'prompts.discard'>;
  /** Where the bytes of a proposed mask lie; null for any other address. */
  locate(hash: FileHash): { path: string; size: number } | null;
}

/** Embeddings on disk: some hundred slices of SAM, or thousands of crops. */
const embeddingBytes = 2e9;
/** Optimised graphs on disk: at most a few megabytes each, since weights stay where they are. */
const graphBytes = 64e6;
/** Share of the machine's memory that teachers may keep between prompts. */
const loadedShare = 0.2;
/** After this long without a prompt the process, and the memory of the teacher in it, is given back. */
const idleMs = 5 * 60_000;

/** @param compute a process that does nothing else */
export function startPrompting(desk: Desk, compute: Compute): Prompting {
  const opened = new WeakMap<Store, Promise<Previews>>();
  const ready = new WeakMap<Store, Previews>();
  let idle: NodeJS.Timeout | undefined;
  const asking = startAsking(compute, (progress) => desk.announce('prompt.progress', progress));

  async function openFor(store: Store): Promise<Previews> {
    try {
      const previews = await openPreviews(store);
      ready.set(store, previews);
      return previews;
    } catch (error) {
      opened.delete(store); // a full disk may have room later
      throw error;
    }
  }
  function previewsOf(store: Store): Promise<Previews> {
    const known = opened.get(store) ?? openFor(store);
    opened.set(store, known);
    return known;
  }
  function restLater(): void {
    clearTimeout(idle);
    idle = setTimeout(() => compute.rest(), idleMs).unref();
  }

  async function preview(asked: Parsed<'prompts.preview'>): Promise<Preview> {
    const store = desk.store();
    const teacher = getTeacher(store.read, asked.teacher);
    const [one] = getCases(store.read, [asked.case]);
    const channel = one.channels[asked.channel] ?? fail('NOT_FOUND', `channel ${asked.channel} in case ${one.name}`);
    structureOf(store, asked.structure);
    await requirePromptable(store, teacher);
    const previews = await previewsOf(store);
    const refined = asked.prompt.refines && previews.get(asked.prompt.refines);
    const view = viewFor(teacher, one, asked, refined);
    const id = randomUUID() as string as PreviewId;
    const { refines: _before, ...prompt } = asked.prompt;
    const outcome = await asking.run(teacher, {
      teacher: { weights: addressOf(store.files, teacher.file), hash: teacher.file, name: teacher.name },
      image: { path: addressOf(store.files, channel.file), dtype: channel.dtype, grid: one.grid, hash: channel.file, unit: channel.unit },
      view,
      prompts: [{ ...prompt, refines: refined && previews.logitsOf(refined.preview.id), keepAt: previews.logitsOf(id) }],
      embeddings: { folder: previews.embeddings, bytes: embeddingBytes },
      graphs: { folder: previews.graphs, bytes: graphBytes },
      masks: previews.masks,
      threads: availableParallelism(),
      loadedBytes: loadedShare * totalmem(),
    });
    restLater();
    if (outcome.state === 'stopped') return fail('PROMPT_STOPPED');
    if (desk.project?.store !== store) return fail('NO_PROJECT');
    const { seen, embedding, seconds, masks } = outcome.result;
    const [{ box, file, voxels, confidence }] = masks;
    const { teacher: _id, case: _case, prompt: _prompt, window: _window, ...where } = asked;
    const made: Preview = {
      id,
      ...where,
      teacher: teacher.id,
      case: one.id,
      seen,
      box,
      file: file?.hash ?? null,
      voxels,
      confidence,
      embedding,
      seconds,
      cautions: cautionsFor(teacher, channel, asked, desk.trainer().running !== null),
    };
    const prompts = [prompt, ...(refined ? refined.prompts : [])];
    await previews.keep({ preview: made, view, teacherName: teacher.name, weights: teacher.file, prompts, file });
    return made;
  }

  async function accept({ preview: id, structure: other, how, others }: Parsed<'prompts.accept'>): Promise<LabelRevision> {
    const previews = await previewsOf(desk.store());
    const kept = previews.get(id);
    const structure = structureOf(desk.store(), other ?? kept.preview.structure);
    const path = kept.file && addressOf(previews.masks, kept.file.hash);
    return reviseLabel(desk, kept.preview.case, async (one, store) => {
      const outcome = await compute.run('editLabel', {
        label: one.label && storedMask(store, one.label.file, one.grid),
        grid: one.grid,
        mask: { path, box: kept.preview.box },
        seen: kept.preview.seen,
        structure: structure.index,
        how,
        others,
        store: store.files,
      });
      restLater();
      if (outcome.state === 'stopped') return fail('NO_PROJECT');
      return { ...outcome.result, ...originOf(one, kept, { structure, how, others }) };
    });
  }

  return {
    handlers: {
      'prompts.preview': preview,
      'prompts.accept': accept,
      'prompts.stop': () => asking.stopAll(),
      'prompts.discard': async ({ preview: id }) => (await previewsOf(desk.store())).forget(id),
    },
    locate(hash) {
      const store = desk.project?.store;
      return (store && ready.get(store)?.locate(hash)) ?? null;
    },
  };
}

/** @throws NOT_FOUND */
const structureOf = ({ read }: Store, index: number): Structure =>
  listStructures(read).find((one) => one.index === index) ?? fail('NOT_FOUND', `structure with the index ${index}`);

function originOf(
  one: Case,
  { preview, prompts, teacherName, weights }: KeptPreview,
  { structure, how, others }: { structure: Structure; how: Acceptance; others: 'keep' | 'overwrite' },
): Omit<NewRevision, 'file' | 'voxels'> {
  const { teacher, channel, plane, confidence } = preview;
  const verb = { replace: 'became', add: 'gained', subtract: 'lost' }[how];
  return {
    origin: 'prompt',
    // A correction leaves a complete label complete; what begins with a mask is a draft until the person says otherwise.
    state: one.label?.state ?? 'draft',
    made: {
      by: 'prompt',
      teacher,
      teacherName,
      weights,
      channel,
      structure: structure.index,
      how,
      others,
      plane,
      prompts,
      confidence,
    },
    sourceName: teacherName,
    sentence: `Case ${one.name}: ${structure.name} ${verb} a mask of ${teacherName} (${describe(prompts[0])}, confidence ${confidence.toFixed(2)}).`,
  };
}

function describe({ points, box }: Omit<Prompt, 'refines'>): string {
  const parts = [...(points.length > 0 ? [counted(points.length, 'point')] : []), ...(box ? ['a box'] : [])];
  return parts.join(' and ') || 'an earlier mask';
}
