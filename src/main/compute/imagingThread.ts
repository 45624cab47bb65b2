/** Entry of the thread for all that runs no network, so that neither an import nor an estimate waits for a training step. */
import { decode } from './jobs/decode';
import { editLabel } from './jobs/editLabel';
import { evaluate } from './jobs/evaluate';
import { exportVolumes } from './jobs/exportVolumes';
import { estimate } from './jobs/forecast';
import { importTeacher } from './jobs/importTeacher';
import { phantoms } from './jobs/phantoms';
import { pictures } from './jobs/pictures';
import { serveJobs } from './thread';

serveJobs({ decode, editLabel, evaluate, exportVolumes, estimate, importTeacher, phantoms, pictures });
