/** Entry of the thread for voxel work without networks, so that an import never waits for a training step. */
import { decode } from './jobs/decode';
import { editLabel } from './jobs/editLabel';
import { evaluate } from './jobs/evaluate';
import { exportVolumes } from './jobs/exportVolumes';
import { importTeacher } from './jobs/importTeacher';
import { phantoms } from './jobs/phantoms';
import { pictures } from './jobs/pictures';
import { serveJobs } from './thread';

serveJobs({ decode, editLabel, evaluate, exportVolumes, importTeacher, phantoms, pictures });
