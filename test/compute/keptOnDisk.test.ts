/** What a teacher leaves on disk for the next time: its optimised graph, and how it saw an image. */
import { readdirSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { embeddingKey, embeddingsIn } from '../../src/main/compute/teachers/embeddings';
import { graphsIn } from '../../src/main/compute/teachers/graphs';
import { openPromptable } from '../../src/main/compute/teachers/promptable';
import { sizeOf } from '../../src/main/engine/tensor';
import { temporaryFolder } from '../folders';
import { plane, weightsFile } from './tinySams';

test('a graph that was optimised once is loaded the next time, gives the same numbers, and is made again where it is damaged', async () => {
  const folder = join(temporaryFolder(), 'graphs');
  const weights = weightsFile(plane);
  const image = plane.get('in.image').data.slice(0, sizeOf(plane.get('in.image').dims) / 2) as Float32Array;
  const embed = async (threads = 1) => {
    const graphs = { kept: graphsIn(folder, 1e9), weights: 'these' };
    const promptable = await openPromptable(weights, 'the teacher', { device: 'cpu', threads }, graphs);
    const embedding = await promptable.embed(image);
    await promptable.release();
    return embedding;
  };
  const first = await embed();
  const [graph, ...others] = readdirSync(folder);
  expect(others).toEqual([]);
  const written = statSync(join(folder, graph)).mtimeMs;
  expect(await embed()).toEqual(first);
  expect(readdirSync(folder)).toEqual([graph]);
  truncateSync(join(folder, graph), 1000);
  expect(await embed()).toEqual(first);
  expect(statSync(join(folder, graph)).mtimeMs).toBeGreaterThan(written);
  await embed(2);
  expect(readdirSync(folder)).toHaveLength(2); // optimised for another number of threads
});

test('a budget makes the embedding go that was longest unused', async () => {
  const folder = temporaryFolder();
  const embedding = { dims: [1, 100], data: new Float32Array(100) };
  const kept = embeddingsIn(folder, 1_100);
  const [a, b, c] = ['a', 'b', 'c'].map(embeddingKey);
  await kept.keep(a, embedding);
  await kept.keep(b, embedding);
  for (const [n, key] of [a, b].entries()) utimesSync(join(folder, `${key}.safetensors`), n, n);
  expect(await kept.find(a)).toMatchObject({ dims: [1, 100] }); // now b is the one unused
  await kept.keep(c, embedding);
  expect(await Promise.all([a, b, c].map(async (key) => (await kept.find(key)) !== null))).toEqual([true, false, true]);
  const tight = embeddingsIn(folder, 10);
  await tight.keep(b, embedding);
  expect(readdirSync(folder)).toEqual([`${b}.safetensors`]); // the newest stays, however small the budget
});
