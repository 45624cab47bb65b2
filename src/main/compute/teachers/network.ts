/** A stored teacher at work: the sessions that run it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail } from '../../../shared/errors';
import type { Device } from '../../../shared/runs';
import { openCheckpoint } from '../../checkpoints/checkpoint';
import { encodeModel, type Model } from '../../engine/onnx';
import { lyingBeside, weightBytes, writtenModel } from '../../engine/onnx/file';
import { Session, type SessionOptions } from '../../engine/session';
import type { Tensor } from '../../engine/tensor';
import type { Dinov3Weights } from '../../networks/dinov3/recognise';
import type { SamSpec } from '../../networks/sam/spec';
import type { StoredTeacher } from '../jobData';
import { recogniseWeights } from './recognise';
import { readDinov3Weights, readSamWeights } from './weights';

export type LoadedTeacher =
  | { kind: 'sam'; spec: SamSpec; weights: ReadonlyMap<string, Tensor> }
  | { kind: 'dinov3'; weights: Dinov3Weights };

/**
 * Reads the weights of a stored SAM or DINOv3; `name` is what sentences call it.
 * @throws FILE_UNREADABLE, FILE_DAMAGED, CHECKPOINT_MISMATCH, TEACHER_UNKNOWN
 */
export async function loadTeacher(path: string, name: string): Promise<LoadedTeacher> {
  const checkpoint = await openCheckpoint(path);
  try {
    const found = recogniseWeights(checkpoint.entries, name);
    if (found.kind === 'sam') return { kind: 'sam', spec: found.spec, weights: await readSamWeights(checkpoint, found, name) };
    return { kind: 'dinov3', weights: await readDinov3Weights(checkpoint, found, name) };
  } finally {
    await checkpoint.close();
  }
}

/** The same for a teacher that must answer prompts. @throws TEACHER_NOT_PROMPTED besides */
export async function loadSam({
  weights,
  name,
}: Pick<StoredTeacher, 'weights' | 'name'>): Promise<Extract<LoadedTeacher, { kind: 'sam' }>> {
  const loaded = await loadTeacher(weights, name);
  return loaded.kind === 'sam' ? loaded : fail('TEACHER_NOT_PROMPTED', name, 'it is no SAM');
}

export interface Place {
  device: Device;
  threads: number;
}

/** Beyond this a processor works nothing out on loading: to turn large matrices beforehand takes seconds, and its products take them as they are. */
const foldedBytes = 2 ** 26;

/**
 * A session of a model of any size: weights that lie in a file are mapped from there; what a message cannot hold is laid beside it in a temporary folder
 * while the session is loaded.
 * @param limit bytes of numbers that still go into the model itself; for tests
 */
export async function sessionOf(model: Model, place: Place & Pick<SessionOptions, 'keepGraphAt'>, limit?: number): Promise<Session> {
  const options: SessionOptions = { ...place, foldConstants: place.device !== 'cpu' || weightBytes(model) <= foldedBytes };
  const lying = lyingBeside(model);
  if (lying) return Session.create(encodeModel(model, lying.beside), { ...options, weightsIn: lying.folder });
  const { model: bytes, beside } = writtenModel(model, 'weights', limit);
  if (beside === null) return Session.create(bytes, options);
  const folder = mkdtempSync(join(tmpdir(), 'understudy-teacher-'));
  try {
    const file = await open(join(folder, 'weights'), 'w');
    for (const piece of beside) await file.writeFile(piece);
    await file.close();
    await writeFile(join(folder, 'model.onnx'), bytes);
    return await Session.create(join(folder, 'model.onnx'), options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
