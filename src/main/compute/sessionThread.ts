/** Entry of the one thread that loads onnxruntime: training, prediction and everything else that runs a network. */

import { testDevice } from './devices';
import { checkTeacher } from './jobs/checkTeacher';
import { exportModel } from './jobs/exportModel';
import { forecast } from './jobs/forecast';
import { look } from './jobs/look';
import { predict } from './jobs/predict';
import { prompt } from './jobs/prompt';
import { train } from './jobs/train';
import { serveJobs } from './thread';

serveJobs({ train, testDevice, checkTeacher, forecast, look, predict, prompt, exportModel });
