/** What is known of a weights file, whatever its format. */
import type { ElementType, Weight } from './elements';

export interface CheckpointEntry {
  /** The path through nested dictionaries, with dots: `model_state_dict.conv1.weight`. */
  readonly name: string;
  readonly dims: readonly number[];
  /** As stored; `read` gives half precision as float32 and small integers as larger ones. */
  readonly dtype: ElementType;
  /** Bytes of its elements, as stored. */
  readonly bytes: number;
}

export type CheckpointFormat = 'safetensors' | 'PyTorch' | 'PyTorch before 1.6' | 'pickle' | 'npy' | 'npz';

/** An open weights file. Memory follows the tensors asked for, not the file. */
export interface Checkpoint {
  readonly format: CheckpointFormat;
  readonly entries: readonly CheckpointEntry[];
  /** Texts and numbers beside the tensors, by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** @throws FILE_DAMAGED; NOT_FOUND where there is no such tensor */
  read(name: string): Promise<Weight>;
  /** Where a tensor's numbers lie, if they lie in the file as float32, one after another; else null. */
  whereIs(name: string): { path: string; offset: number } | null;
  close(): Promise<void>;
}

/** One tensor of a file, with the way to its numbers. */
export interface StoredContent {
  readonly dims: readonly number[];
  readonly dtype: ElementType;
  /** Where its numbers lie in the file, if they lie there as float32, one after another. */
  readonly offset?: number;
  read(): Promise<Weight>;
}

/** What each format's reader gives, tensors in the order of the file. */
export interface Contents {
  readonly format: CheckpointFormat;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredContent>;
}
