/** Brings a weights file in: tells what it is, hashes it, and stores it in the one form that is read from then on. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { FileHash } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import { architectureOf, familyFacts, familyOf, type TeacherFamily, twinsOf } from '../../../shared/teachers';
import { openCheckpoint } from '../../checkpoints/checkpoint';
import { openSource } from '../../checkpoints/source';
import { adoptFile, storePieces } from '../../files/durable';
import { type JobCode, type JobContext, Stopped } from '../protocol';
import { isOnnx, recogniseOnnx } from '../teachers/onnxTeacher';
import { recogniseWeights, type TeacherFacts } from '../teachers/recognise';
import { statedFacts } from '../teachers/statedFacts';
import { convertedPieces, isOfficial } from '../teachers/weights';

type Context = JobContext<'importTeacher'>;
type Said = { path: string; family: TeacherFamily | null; known: readonly FileHash[]; store: string | null };

export const importTeacher: JobCode<'importTeacher'> = async (spec, context) =>
  (await isOnnx(spec.path)) ? importOnnx(spec, context) : importWeights(spec, context);

async function importOnnx({ path, family: said, known, store }: Said, context: Context) {
  const name = basename(path);
  const source = await openSource(path);
  try {
    const facts = recogniseOnnx(await source.read(0, source.size), name);
    const family = requireFamily(facts, name, said);
    const origin = { ...(await hashed(path, context, 1)), format: 'ONNX' };
    if (store === null || known.includes(origin.hash)) return { family, facts, stated: {}, source: origin, file: null };
    return { family, facts, stated: {}, source: origin, file: await adoptFile(store, path, origin.hash) };
  } finally {
    await source.close();
  }
}

async function importWeights({ path, family: said, known, store }: Said, context: Context) {
  const name = basename(path);
  const checkpoint = await openCheckpoint(path);
  try {
    const found = recogniseWeights(checkpoint.entries, name);
    const { facts } = found;
    const own = statedFacts(checkpoint.metadata, name);
    const family = requireFamily(facts, name, said, own.family);
    // What is said of one family says nothing about its twin.
    const stated = own.family === undefined || own.family === family ? own : {};
    const readShare = 0.4;
    const origin = { ...(await hashed(path, context, readShare)), format: checkpoint.format };
    if (store === null || known.includes(origin.hash)) return { family, facts, stated, source: origin, file: null };
    const pieces = () =>
      convertedPieces(checkpoint, found, name, async (share) => {
        context.report({ fraction: readShare + (1 - readShare) * share, message: `Storing ${name}` });
        await breatheOrStop(context);
      });
    if (!isOfficial(checkpoint, found)) return { family, facts, stated, source: origin, file: await storePieces(store, pieces) };
    // Read once all the same: what does not fit together must not come in.
    for await (const _piece of pieces());
    return { family, facts, stated, source: origin, file: await adoptFile(store, path, origin.hash) };
  } finally {
    await checkpoint.close();
  }
}

/** The person's word counts most, then the file's own. */
function requireFamily({ architecture }: TeacherFacts, name: string, said: TeacherFamily | null, stated?: TeacherFamily): TeacherFamily {
  if (stated && architectureOf[stated] !== architecture) {
    fail('FILE_INVALID', name, 'understudy.family', twinsOf(architecture).join(' or '), `“${stated}”`);
  }
  const family = familyOf(architecture, name, said ?? stated ?? null);
  if (family) return family;
  const titles = twinsOf(architecture).map((twin) => familyFacts[twin].title);
  if (said === null || architectureOf[said] === architecture) return fail('TEACHER_FAMILY', name, titles.join(' or '));
  return fail('TEACHER_NOT_FAMILY', name, familyFacts[said].title, titles.join(' or '));
}

/** SHA-256 and size of a file, with word of how far it is up to `share`. @throws Stopped */
async function hashed(path: string, context: Context, share: number): Promise<{ hash: FileHash; bytes: number }> {
  const source = await openSource(path);
  try {
    const digest = createHash('sha256');
    let done = 0;
    for await (const piece of source.pieces(0, source.size)) {
      digest.update(piece);
      done += piece.byteLength;
      context.report({ fraction: (share * done) / source.size, message: `Reading ${source.name}` });
      await breatheOrStop(context);
    }
    return { hash: digest.digest('hex') as FileHash, bytes: done };
  } finally {
    await source.close();
  }
}

async function breatheOrStop(context: Context): Promise<void> {
  await context.breathe();
  if (context.stopped) throw new Stopped();
}
