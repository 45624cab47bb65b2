/** Models at work: the one file that knows onnxruntime. Its calls block their thread until they are done. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { fail } from '../../shared/errors';
import type { Device } from '../../shared/runs';
import { dtypeOf, type Tensor, type TensorData } from './tensor';

export type { Device };
export interface SessionOptions {
  device: Device;
  /** CPU threads; also used for what a device leaves to the CPU. */
  threads: number;
  /** Write a profile of every run beside this path. */
  profile?: string;
  /** `as it is`: the graph was optimised before, by this runtime on this machine, or has nothing for it to find. */
  graph?: 'to be optimised' | 'as it is';
  /** Folder of the files that the model refers to for its weights. */
  weightsIn?: string;
  /** Write the optimised graph here; weights that lie in a file stay there. */
  keepGraphAt?: string;
  /**
   * Whether nodes that rest on constants alone are computed once, on loading. To look for them takes a quarter of loading a graph of thousands; to turn the
   * matrices of a large network takes most of loading it.
   */
  foldConstants?: boolean;
}

const fromHere = createRequire(import.meta.url);
type Runtime = typeof import('onnxruntime-node');
let loaded: Runtime | null = null;
/** The runtime, loaded when it is first needed: a thread that only plans steps does without. */
function runtime(): Runtime {
  loaded ??= fromHere('onnxruntime-node') as Runtime;
  return loaded;
}

/** Version of the runtime. */
export const runtimeVersion = (): string => runtime().env.versions.common;

/** Devices that this build of the runtime was made for; whether the machine has them shows only when they are tried. */
export const builtFor = (device: Device): boolean =>
  runtime()
    .listSupportedBackends()
    .some(({ name }) => name === device) &&
  (device !== 'cuda' || hasCuda());

/** CUDA's libraries are fetched apart from the package; asked for where they are absent, the runtime prints an error of its own. */
function hasCuda(): boolean {
  const folder = dirname(fromHere.resolve('onnxruntime-node/package.json'));
  return readdirSync(join(folder, 'bin'), { recursive: true }).some((name) => String(name).includes('onnxruntime_providers_cuda'));
}

export class Session {
  private constructor(private readonly session: InferenceSession) {}

  /**
   * Loads a model, from bytes or a file.
   * @throws DEVICE_UNAVAILABLE if this machine or this build cannot run it there
   */
  static async create(
    model: Uint8Array | string,
    { device, threads, profile, graph, weightsIn, keepGraphAt, foldConstants = true }: SessionOptions,
  ): Promise<Session> {
    const options: InferenceSession.SessionOptions = {
      executionProviders: [device],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // One block planned for all values of a step was measured to cost 1.7 times the memory of taking them from the arena one by one.
      enableMemPattern: false,
      graphOptimizationLevel: graph === 'as it is' ? 'disabled' : 'all',
      logSeverityLevel: 3,
      // Threads that wait for work by spinning take the processor from loaders and from other sessions: a lesson of MuDuo took a quarter longer.
      extra: {
        session: {
          intra_op: { allow_spinning: '0' },
          ...(weightsIn !== undefined && { model_external_initializers_file_folder_path: weightsIn }),
        },
        // A sum and the layer norm of it as one node took longer than the two: decoders of teachers lost a tenth of their time to it.
        optimization: { disable_specified_optimizers: ['SkipLayerNormFusion', ...(foldConstants ? [] : ['ConstantFolding'])].join(';') },
      },
      ...(keepGraphAt && { optimizedModelFilePath: keepGraphAt }),
      ...(profile && { enableProfiling: true, profileFilePrefix: profile }),
    };
    const { InferenceSession } = runtime();
    try {
      // The overloads differ in type only.
      return new Session(
        await (typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options)),
      );
    } catch (error) {
      // On a CPU every well-formed model runs: a refusal there is a bug of this program.
      if (device === 'cpu') throw error;
      return fail('DEVICE_UNAVAILABLE', device, String(error));
    }
  }

  get inputNames(): readonly string[] {
    return this.session.inputNames;
  }
  get outputNames(): readonly string[] {
    return this.session.outputNames;
  }

  /**
   * Runs once.
   * @param feeds every input by name
   * @param into  outputs to be filled in place; those not named are allocated
   */
  async run(feeds: Readonly<Record<string, Tensor>>, into: Readonly<Record<string, Tensor>> = {}): Promise<Record<string, Tensor>> {
    const fetches = Object.fromEntries(this.session.outputNames.map((name) => [name, into[name] ? wrap(into[name]) : null]));
    const results = await this.session.run(
      Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, wrap(tensor)])),
      fetches,
    );
    return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, into[name] ?? unwrap(value)]));
  }

  /** Frees the model. Must not be called during a run. */
  async release(): Promise<void> {
    await this.session.release();
  }

  endProfiling(): void {
    this.session.endProfiling();
  }
}

const wrap = ({ dims, data }: Tensor): OrtTensor => new (runtime().Tensor)(dtypeOf(data), data as never, dims);
const unwrap = (value: OrtTensor): Tensor => ({ dims: value.dims, data: value.data as TensorData });
