/** Masks that teachers propose: remembered while the project is open, with their files in its cache. None is part of the project. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileHash } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import type { Preview, PreviewId, Prompt } from '../../../shared/prompts';
import type { PromptView, StoredFile } from '../../compute/jobData';
import { addressOf, makeFolder } from '../../files/durable';
import type { Store } from '../../store/store';

export interface KeptPreview {
  preview: Preview;
  view: PromptView;
  teacherName: string;
  /** SHA-256 of the teacher's weights. */
  weights: FileHash;
  /** Its prompt, and before it those it refined, newest first. */
  prompts: Omit<Prompt, 'refines'>[];
  file: StoredFile | null;
}

export interface Previews {
  /** Where masks lie under their hash. */
  readonly masks: string;
  /** Where embeddings lie; they outlive the program. */
  readonly embeddings: string;
  /** Where optimised graphs of teachers lie; they outlive the program too. */
  readonly graphs: string;
  /** Where the decoded logits of a preview lie. */
  logitsOf(id: PreviewId): string;
  keep(kept: KeptPreview): Promise<void>;
  /** @throws PREVIEW_GONE */
  get(id: PreviewId): KeptPreview;
  forget(id: PreviewId): Promise<void>;
  /** Where the bytes of a mask lie, if a preview has it. */
  locate(hash: FileHash): { path: string; size: number } | null;
}

/** More than a person looks back on. */
const remembered = 200;

/** Starts with none: what an earlier program left behind goes. @throws DISK_FULL, FOLDER_NOT_WRITABLE */
export async function openPreviews({ folder }: Pick<Store, 'folder'>): Promise<Previews> {
  const cache = join(folder, 'cache');
  const masks = join(cache, 'previews');
  const all = new Map<PreviewId, KeptPreview>();
  await rm(masks, { recursive: true, force: true });
  await makeFolder(masks);

  const logitsOf = (id: PreviewId) => join(masks, `${id}.logits`);
  const withFile = (hash: FileHash) => [...all.values()].find(({ file }) => file?.hash === hash);
  async function forget(id: PreviewId): Promise<void> {
    const kept = all.get(id);
    if (!kept) return;
    all.delete(id);
    await rm(logitsOf(id), { force: true });
    if (kept.file && !withFile(kept.file.hash)) await rm(addressOf(masks, kept.file.hash), { force: true });
  }
  return {
    masks,
    embeddings: join(cache, 'embeddings'),
    graphs: join(cache, 'graphs'),
    logitsOf,
    async keep(kept) {
      all.set(kept.preview.id, kept);
      for (const oldest of [...all.keys()].slice(0, -remembered)) await forget(oldest);
    },
    get: (id) => all.get(id) ?? fail('PREVIEW_GONE'),
    forget,
    locate(hash) {
      const file = withFile(hash)?.file;
      return file ? { path: addressOf(masks, hash), size: file.bytes } : null;
    },
  };
}
