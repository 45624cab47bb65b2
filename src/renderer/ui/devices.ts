/** What devices are called. */
import type { Device } from '../../shared/runs';

export const deviceWords: Record<Device, string> = {
  cpu: 'Processor',
  webgpu: 'WebGPU',
  cuda: 'CUDA (NVIDIA)',
  dml: 'DirectML (Windows)',
  coreml: 'Core ML (macOS)',
};
