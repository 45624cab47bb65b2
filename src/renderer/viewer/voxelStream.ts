/** Voxels on their way from the file store to memory: usable slice by slice while they arrive, kept in a byte-bounded cache. */
import type { FileHash } from '../../shared/domain';
import type { Index3 } from '../../shared/geometry';
import { bytesPer, type Dtype, type Voxels, viewVoxels } from '../../shared/volume';
import { bytesUrl } from '../api';

/** One volume being fetched, or already here. */
export interface VoxelStream {
  readonly file: FileHash;
  readonly size: Index3;
  /** Zero where nothing has arrived yet; ask `hasSlice` before drawing. */
  readonly voxels: Voxels;
  readonly state: 'loading' | 'complete' | 'failed';
  /** 0…1 */
  readonly fraction: number;
  /** A sentence, when it failed. */
  readonly problem: string | null;
  /** True once all voxels of slice k (the slowest axis) are here. */
  hasSlice(k: number): boolean;
  /** Calls back when more has arrived, or it failed; returns how to stop. */
  listen(hear: () => void): () => void;
  /** Starts again after a failure. */
  retry(): void;
  /** Says that nobody needs it any more; an unfinished fetch is stopped. */
  release(): void;
}

/** A file larger than this is opened by its middle slice first. */
const largeBytes = 4 << 20;
/** Listeners hear of progress at most this often, in milliseconds. */
const heartbeat = 120;

class Stream implements VoxelStream {
  readonly voxels: Voxels;
  state: VoxelStream['state'] = 'loading';
  problem: string | null = null;
  users = 0;
  private readonly bytes: Uint8Array<ArrayBuffer>;
  private readonly sliceBytes: number;
  /** Bytes [0, arrived) are here. */
  private arrived = 0;
  private early = -1;
  private abort = new AbortController();
  private readonly listeners = new Set<() => void>();
  private lastBeat = 0;

  constructor(
    readonly file: FileHash,
    dtype: Dtype,
    readonly size: Index3,
    private readonly firstSlice: number,
  ) {
    this.sliceBytes = size[0] * size[1] * bytesPer(dtype);
    this.bytes = new Uint8Array(this.sliceBytes * size[2]);
    this.voxels = viewVoxels(this.bytes, dtype, { size });
    void this.fetch();
  }

  get byteLength(): number {
    return this.bytes.byteLength;
  }
  get fraction(): number {
    return this.arrived / this.bytes.byteLength;
  }
  hasSlice(k: number): boolean {
    return (k + 1) * this.sliceBytes <= this.arrived || k === this.early;
  }
  listen(hear: () => void): () => void {
    this.listeners.add(hear);
    return () => this.listeners.delete(hear);
  }
  retry(): void {
    if (this.state !== 'failed') return;
    this.abort = new AbortController();
    this.state = 'loading';
    this.problem = null;
    this.arrived = 0;
    this.announce();
    void this.fetch();
  }
  release(): void {
    this.users--;
    if (this.users > 0) return;
    if (this.state !== 'complete') {
      this.abort.abort();
      streams.delete(this.file);
    }
    trim();
  }

  private announce(): void {
    for (const hear of [...this.listeners]) hear();
  }

  private async fetch(): Promise<void> {
    const { signal } = this.abort;
    try {
      const early = this.bytes.byteLength > largeBytes ? this.fetchEarly(signal) : Promise.resolve();
      // It may fail before it is awaited below; that is where its failure is dealt with.
      early.catch(() => {});
      const response = await fetch(bytesUrl(this.file), { signal });
      if (!response.ok || !response.body) throw new Error(`the file store answered ${response.status}`);
      await this.drain(response.body);
      await early;
      if (this.arrived !== this.bytes.byteLength) throw new Error(`${this.arrived} of ${this.bytes.byteLength} bytes came`);
      this.state = 'complete';
    } catch (error) {
      if (signal.aborted) return;
      this.state = 'failed';
      this.problem = `The voxels could not be loaded: ${error instanceof Error ? error.message : String(error)}. Check that the project's folder is reachable, then try again.`;
    }
    this.announce();
  }

  /** One slice by an HTTP range, so that something is on the screen before the rest has come. A door without ranges just takes longer. */
  private async fetchEarly(signal: AbortSignal): Promise<void> {
    const from = this.firstSlice * this.sliceBytes;
    const response = await fetch(bytesUrl(this.file), { signal, headers: { Range: `bytes=${from}-${from + this.sliceBytes - 1}` } });
    if (response.status !== 206) {
      await response.body?.cancel();
      return;
    }
    const slice = new Uint8Array(await response.arrayBuffer());
    if (slice.byteLength !== this.sliceBytes) return;
    this.bytes.set(slice, from);
    this.early = this.firstSlice;
    this.announce();
  }

  private async drain(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (this.arrived + value.byteLength > this.bytes.byteLength) throw new Error(`more than ${this.bytes.byteLength} bytes came`);
      this.bytes.set(value, this.arrived);
      this.arrived += value.byteLength;
      const now = performance.now();
      if (now - this.lastBeat > heartbeat) {
        this.lastBeat = now;
        this.announce();
      }
    }
  }
}

/** Least recently opened first. Files are addressed by their content, so an entry never goes stale. */
const streams = new Map<FileHash, Stream>();
/** Bytes of voxels nobody is looking at that may stay, so that going back to a case is instant. */
const keptBytes = 768 << 20;

function trim(): void {
  let kept = [...streams.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  for (const [file, stream] of streams) {
    if (kept <= keptBytes) return;
    if (stream.users > 0) continue;
    streams.delete(file);
    kept -= stream.byteLength;
  }
}

/**
 * Opens a stored volume; every call must be matched by `release`.
 * @param firstSlice  Index k of the slice a person will see first; it is fetched ahead of the rest.
 */
export function openVoxels(file: FileHash, dtype: Dtype, size: Index3, firstSlice: number): VoxelStream {
  const stream = streams.get(file) ?? new Stream(file, dtype, size, firstSlice);
  streams.delete(file);
  streams.set(file, stream);
  stream.users++;
  trim();
  return stream;
}
