/** Files that PyTorch wrote, in every dialect: the numbers are the reference's, and whatever would run code is refused by name. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/main/checkpoints/checkpoint';
import type { Checkpoint } from '../../src/main/checkpoints/contents';
import type { Weight } from '../../src/main/checkpoints/elements';
import { matchKeys } from '../../src/main/checkpoints/matchKeys';
import type { Tensor } from '../../src/main/engine/tensor';
import { sharedFolder } from '../folders';
import { expectClose, golden, goldenFolder, hasGolden, part } from '../golden';

const folder = join(goldenFolder, 'checkpoints');
const files = existsSync(folder) ? readdirSync(folder) : [];
const called = (pattern: RegExp) => files.filter((file) => pattern.test(file));

async function withCheckpoint<T>(file: string, use: (checkpoint: Checkpoint) => Promise<T>): Promise<T> {
  const checkpoint = await openCheckpoint(join(folder, file));
  try {
    return await use(checkpoint);
  } finally {
    await checkpoint.close();
  }
}

const readAll = (checkpoint: Checkpoint, names: ReadonlyMap<string, string>) =>
  Promise.all([...names].map(async ([name, stored]) => [name, await checkpoint.read(stored)] as const)).then((read) => new Map(read));

/** The reference shows every integer as int64. */
const widened = ({ dims, data }: Tensor | Weight) => ({ dims, numbers: Array.from(data as ArrayLike<number | bigint>, Number) });

test('the folder holds files of both dialects', () => {
  expect(called(/zip\.pth$/).length).toBeGreaterThan(0);
  expect(called(/legacy\.pth$/).length).toBeGreaterThan(0);
});

describe.each(called(/^tricky\..*\.pth$/))('%s', (file) => {
  const expected = part(golden('checkpoints/tricky.expected'), 'out.');

  test('gives every view, element type and wrapped tensor exactly', () =>
    withCheckpoint(file, async (checkpoint) => {
      const match = matchKeys(
        checkpoint.entries,
        [...expected].map(([name, { dims }]) => ({ name, dims })),
      );
      if (!match.fits) throw new Error(match.why);
      const came = await readAll(checkpoint, match.names);
      for (const [name, want] of expected) expect(widened(came.get(name) as Weight), name).toEqual(widened(want));
      expect(checkpoint.entries.length).toBe(expected.size);
    }));

  test('keeps the texts and numbers beside the tensors', () =>
    withCheckpoint(file, async ({ metadata }) => {
      expect(metadata).toMatchObject({ epoch: '7', best_dice: '0.875', name: 'tricky' });
    }));
});

describe.each([
  ...called(/^muduo_unet3d\..*\.pth$/).map((file) => [file, 'students/muduo_unet3d.params']),
  ...called(/^sam_med3d_tiny\..*\.pth$/).map((file) => [file, 'sam_med3d_tiny/params']),
])('%s', (file, reference) => {
  test.skipIf(!hasGolden(reference))(`equals ${reference}`, () =>
    withCheckpoint(file, async (checkpoint) => {
      const expected = part(golden(reference), 'param.');
      const match = matchKeys(
        checkpoint.entries,
        [...expected].map(([name, { dims }]) => ({ name, dims })),
      );
      if (!match.fits) throw new Error(match.why);
      const isHalf = checkpoint.entries.some(({ dtype }) => dtype === 'float16');
      // Half precision keeps 11 bits, and steps of 2^-24 near zero.
      expectClose(await readAll(checkpoint, match.names), expected, isHalf ? { relative: 2 ** -11, absolute: 2 ** -25 } : { relative: 0 });
      expect(file.includes('half')).toBe(isHalf);
    }),
  );
});

if (called(/^sam_med3d_tiny\./).length === 0)
  console.log(`Skipped: the SAM-Med3D checkpoints are not in ${folder}; set UNDERSTUDY_GOLDEN.`);

test.each(called(/^malicious/))('%s is refused by the name of what it asks for', async (file) => {
  // The name stands in the file, as its module and itself on a line each.
  const text = readFileSync(join(folder, file), 'latin1');
  const [, module, name] = /c(posix|os|builtins|__builtin__|subprocess)\n(\w+)\n/.exec(text) as RegExpExecArray;
  await expect(openCheckpoint(join(folder, file))).rejects.toMatchObject({
    code: 'CHECKPOINT_UNSAFE',
    message: expect.stringMatching(new RegExp(`^${file} asks for ${module}\\.${name}, .* refused, and nothing in it was run;.*\\.$`)),
  });
});

test.each(called(/^truncated/))('%s is refused as damaged', async (file) => {
  await expect(openCheckpoint(join(folder, file))).rejects.toMatchObject({
    code: 'FILE_DAMAGED',
    message: expect.stringContaining('the end of the archive is missing'),
  });
});

describe.each(called(/^(tricky|muduo_unet3d\.state_dict)\..*\.pth$/))('the first part of %s', (file) => {
  const bytes = readFileSync(join(folder, file));
  const cut = join(sharedFolder(), file);

  test.each([0, 1, 7, 100, 0.2, 0.5, 0.9, 0.999])('is refused with a sentence (%d)', async (end) => {
    writeFileSync(cut, bytes.subarray(0, end < 1 ? Math.floor(end * bytes.length) : end));
    const error = await openCheckpoint(cut).then(
      (checkpoint) => checkpoint.close(),
      (error: unknown) => error,
    );
    expect(error).toMatchObject({
      code: expect.stringMatching(/^FILE_(DAMAGED|INVALID)$/),
      message: expect.stringMatching(/^tricky|^muduo/),
    });
  });
});
