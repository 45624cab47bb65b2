/** Weights files of small teachers as people download them, made from the reference tensors. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeSafetensors } from '../../src/main/checkpoints/safetensors';
import type { Tensor } from '../../src/main/engine/tensor';
import { inferenceModel } from '../../src/main/networks/inference';
import { initialParameters } from '../../src/main/networks/network';
import { unet3d } from '../../src/main/networks/unet3d';
import { random } from '../../src/shared/random';
import { bytesOfArray, dictionary, npyBytes, pickled, tensor, text, torchMembers, zipBytes } from '../checkpoints/writers';
import { temporaryFolder } from '../folders';
import { golden, part } from '../golden';

export type Weights = ReadonlyMap<string, Tensor>;

export const samWeights = (): Weights => part(golden('sam_tiny/params'), 'param.');
export const samMed3dWeights = (): Weights => part(golden('sam_med3d_tiny/params'), 'param.');
export const dinov3Weights = (): Weights => part(golden('dinov3_vit_tiny/mlp.meta_keys'), 'param.');

/** As `torch.save` writes a state, under a key beside other things if one is given. */
export function torchFile(name: string, weights: Weights, wrapper?: string): string {
  const storages = [...weights.values()].map(({ data }) => bytesOfArray(data));
  const state = dictionary(
    [...weights].map(([key, { dims, data }], n) => [key, tensor({ key: String(n), count: data.length, dims })] as const),
  );
  const whole = wrapper ? dictionary([[wrapper, state], ['note', text('epoch 3')]] as const) : state; // biome-ignore format: one pair a line says less
  return written(name, zipBytes(torchMembers(pickled(whole), Object.fromEntries(storages.map((bytes, n) => [n, bytes])))));
}

export const safetensorsFile = (name: string, weights: Weights, metadata: Record<string, string> = {}): string =>
  written(name, encodeSafetensors(weights, metadata));

/** The same in half precision, as it is often passed on. */
export function halfSafetensorsFile(name: string, weights: Weights, metadata: Record<string, string> = {}): string {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [key, { dims, data }] of weights) {
    header[key] = { dtype: 'F16', shape: dims, data_offsets: [end, end + 2 * data.length] };
    end += 2 * data.length;
  }
  const json = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(json.length));
  const halves = [...weights.values()].map(({ data }) => Buffer.from(Float16Array.from(data as Float32Array).buffer));
  return written(name, Buffer.concat([start, json, ...halves]));
}

export const npzFile = (name: string, weights: Weights): string =>
  written(
    name,
    zipBytes([...weights].map(([key, { dims, data }]) => ({ name: `${key}.npy`, bytes: npyBytes('<f4', dims, bytesOfArray(data)) }))),
  );

/** A small 3D U-Net with random weights, as any training program might export it. */
export function onnxFile(name: string): string {
  const network = unet3d({ inChannels: 1, classes: 3, widths: [2, 2, 4, 4, 8] });
  return written(
    name,
    inferenceModel(network, initialParameters(network, random(5)), { image: [1, 1, 16, 16, 16], batch: 'fixed', activation: 'none' }),
  );
}

/** A file in a folder of its own. */
export function written(name: string, bytes: Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}
