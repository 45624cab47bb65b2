/** Which teacher a weights file holds, from the names and shapes of its tensors alone, whatever a training script wrapped around them. */
import { isDeepStrictEqual } from 'node:util';
import { counted } from '../../../shared/counts';
import { fail } from '../../../shared/errors';
import type { Architecture, TeacherInput } from '../../../shared/teachers';
import type { Checkpoint } from '../../checkpoints/contents';
import { matchKeys } from '../../checkpoints/matchKeys';
import { type Dinov3Spec, dinov3Count, dinov3Sizes } from '../../networks/dinov3/parameters';
import { recogniseDinov3 } from '../../networks/dinov3/recognise';
import { recogniseSam } from '../../networks/sam/recognise';
import { officialSams, type SamSpec, samParameterCount, samParameters } from '../../networks/sam/spec';

/** Facts about a teacher that its file alone tells. */
export interface TeacherFacts {
  architecture: Architecture;
  variant: string;
  parameters: number;
  input: TeacherInput;
}

export type RecognisedWeights =
  /** `names`: where each parameter lies in the file, by its official name. */
  | { kind: 'sam'; facts: TeacherFacts; spec: SamSpec; names: ReadonlyMap<string, string> }
  /** `prefix`: what stands before every name. */
  | { kind: 'dinov3'; facts: TeacherFacts; spec: Dinov3Spec; prefix: string };

type Entries = Pick<Checkpoint, 'entries'>['entries'];

/** @throws TEACHER_UNKNOWN naming what is missing or unexpected first; `file` is what the sentence calls it */
export function recogniseWeights(entries: Entries, file: string): RecognisedWeights {
  refuseForged(entries, file);
  for (const prefix of prefixesOf(entries, /^(.*?)(?:embeddings\.)?cls_token$/)) {
    const spec = recogniseDinov3(new Map(under(prefix, entries).map((entry) => [entry.name, entry])));
    if (spec) return { kind: 'dinov3', facts: dinov3Facts(spec), spec, prefix };
  }
  const prefixes = prefixesOf(entries, /^(.*?)image_encoder\.pos_embed$/);
  if (prefixes.length === 0) {
    const first = entries.map(({ name }) => name).sort()[0];
    return fail(
      'TEACHER_UNKNOWN',
      file,
      `it holds ${counted(entries.length, 'tensor')}, such as ${first}, but neither image_encoder.pos_embed, as a SAM does, nor cls_token, as a DINOv3 does`,
    );
  }
  const attempts = prefixes.map((prefix) => recogniseSam(under(prefix, entries).filter(({ name }) => !isMadeAnew(name))));
  const spec = attempts.find((attempt) => typeof attempt !== 'string');
  if (!spec) return fail('TEACHER_UNKNOWN', file, sentencePart(String(attempts[0])));
  const match = matchKeys(entries, samParameters(spec), isMadeAnew);
  if (!match.fits) return fail('TEACHER_UNKNOWN', file, match.why);
  return { kind: 'sam', facts: samFacts(spec), spec, names: match.names };
}

/** Counts that a few bytes can claim and that would take all memory: blocks by their number in a name, masks by an empty tensor's rows. */
function refuseForged(entries: Entries, file: string): void {
  const numbered = entries.find(({ name }) => name.split('.').some((part) => /^\d+$/.test(part) && Number(part) >= entries.length));
  if (numbered) fail('TEACHER_UNKNOWN', file, `${numbered.name} counts further than its ${entries.length} tensors`);
  const empty = entries.find(({ dims }) => dims.includes(0));
  if (empty) fail('TEACHER_UNKNOWN', file, `${empty.name} is empty`);
  const masks = entries.find(({ name, dims }) => name.endsWith('mask_tokens.weight') && dims[0] > entries.length);
  if (masks) fail('TEACHER_UNKNOWN', file, `${masks.name} has ${masks.dims[0]} rows for a file of ${entries.length} tensors`);
}

/** Constants that some releases save beside the weights. */
const isMadeAnew = (name: string): boolean => name === 'pixel_mean' || name === 'pixel_std';

/** How many wrappers are tried, so that names made to be alike take no hours. */
const prefixLimit = 8;
const prefixesOf = (entries: Entries, pattern: RegExp): string[] =>
  [...new Set(entries.flatMap(({ name }) => pattern.exec(name)?.[1] ?? []))].slice(0, prefixLimit);

const under = (prefix: string, entries: Entries): { name: string; dims: readonly number[] }[] =>
  entries.filter(({ name }) => name.startsWith(prefix)).map(({ name, dims }) => ({ name: name.slice(prefix.length), dims }));

/** A whole sentence as the end of another. */
const sentencePart = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');

function samFacts(spec: SamSpec): TeacherFacts {
  const official = Object.entries(officialSams).find(([, known]) => isDeepStrictEqual(known, spec))?.[0];
  const { axes, channels, imageSide, width, depth } = spec;
  return {
    architecture: axes === 2 ? 'sam-2d' : 'sam-3d',
    variant: official?.replace(/^SAM /, '').replace(/^SAM-Med3D$/, 'ViT-B') ?? `ViT, width ${width}, depth ${depth}`,
    parameters: samParameterCount(spec),
    input: { axes, channels, sides: Array.from({ length: axes }, () => imageSide), multipleOf: imageSide },
  };
}

function dinov3Facts(spec: Dinov3Spec): TeacherFacts {
  const { width, depth, patch, inChannels, feedForward } = spec;
  const official = Object.entries(dinov3Sizes).find(
    ([, known]) => known.width === width && known.depth === depth && isDeepStrictEqual(known.feedForward, feedForward),
  )?.[0];
  return {
    architecture: 'dinov3',
    variant: official ?? `ViT, width ${width}, depth ${depth}`,
    parameters: dinov3Count(spec),
    input: { axes: 2, channels: inChannels, sides: [null, null], multipleOf: patch },
  };
}
