/**
 * Reference tensors computed by PyTorch, and how closely to follow them. They lie in the folder named by UNDERSTUDY_GOLDEN, by default
 * the project's own: another draw of the same cases runs without touching a test (`npm run test:parity`).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { decodeSafetensors } from '../src/main/checkpoints/safetensors';
import type { Tensor } from '../src/main/engine/tensor';

/** The folder itself, for reference files that are not tensors. */
export const goldenFolder = process.env.UNDERSTUDY_GOLDEN ?? join(import.meta.dirname, 'fixtures/golden');
const fileOf = (name: string) => join(goldenFolder, `${name}.safetensors`);

/** Whether the folder holds `name`; says in words what is left out where it does not. The project carries 25 MB of them. */
export function hasGolden(name: string): boolean {
  const has = existsSync(fileOf(name));
  if (!has) console.log(`Skipped: the reference file ${name} is not in ${goldenFolder}; set UNDERSTUDY_GOLDEN to a folder that has it.`);
  return has;
}

export interface Golden {
  tensors: Map<string, Tensor>;
  /** Metadata values, parsed where they are JSON. */
  metadata: Record<string, unknown>;
}

/** Reads `students/muduo_unet3d.io` and the like. */
export function golden(name: string): Golden {
  const file = fileOf(name);
  const { tensors, metadata } = decodeSafetensors(readFileSync(file), file);
  const parsed = Object.entries(metadata).map(([key, value]) => {
    try {
      return [key, JSON.parse(value)];
    } catch {
      return [key, value];
    }
  });
  return { tensors, metadata: Object.fromEntries(parsed) };
}

/** Tensors whose names start with `prefix`, under the rest of their names. */
export const part = ({ tensors }: Golden, prefix: string): Map<string, Tensor> =>
  new Map([...tensors].filter(([name]) => name.startsWith(prefix)).map(([name, tensor]) => [name.slice(prefix.length), tensor]));

/** Largest difference, as a share of the largest magnitude in the expected tensor. */
export function relativeDifference(came: ArrayLike<number | bigint>, expected: ArrayLike<number | bigint>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(Number(came[i]) - Number(expected[i])));
    size = Math.max(size, Math.abs(Number(expected[i])));
    if (Number.isNaN(Number(came[i]))) return Number.POSITIVE_INFINITY;
  }
  return came.length === expected.length ? difference / (size || 1) : Number.POSITIVE_INFINITY;
}

function largest(data: ArrayLike<number | bigint>): number {
  let size = Number.MIN_VALUE;
  for (let i = 0; i < data.length; i++) size = Math.max(size, Math.abs(Number(data[i])));
  return size;
}

/** Fails naming every tensor that strays further than `tolerance` (relative to its largest magnitude, or absolute where given). */
export function expectClose(
  came: ReadonlyMap<string, Tensor>,
  expected: ReadonlyMap<string, Tensor>,
  tolerance: { relative: number; absolute?: number },
): void {
  const strays: string[] = [];
  for (const [name, want] of expected) {
    const got = came.get(name);
    if (!got) strays.push(`${name} is missing`);
    else {
      const size = largest(want.data);
      const away = relativeDifference(got.data, want.data);
      if (!(away <= Math.max(tolerance.relative, (tolerance.absolute ?? 0) / size))) strays.push(`${name} is off by ${away}`);
    }
  }
  expect(strays).toEqual([]);
}
