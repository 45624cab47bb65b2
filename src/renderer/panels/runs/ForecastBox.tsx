/** Time, memory and size of a run before it starts, or the sentence that says what would fit. */
import { bytes, duration, parameterCount, short } from '../../ui/numbers';
import type { ForecastState } from './useForecast';

interface ForecastBoxProps {
  state: ForecastState;
  isComplete: boolean;
  isTraining: boolean;
}

export function ForecastBox({ state: { forecast, error, isOld }, isComplete, isTraining }: ForecastBoxProps) {
  if (!isComplete) return <p className="message">Correct the marked fields to see what the run will cost.</p>;
  if (error?.code === 'RUN_BUSY') return <p className="message">{error.message}</p>;
  if (error) {
    return (
      <p className="message" data-tone="bad" role="alert">
        {error.message}
      </p>
    );
  }
  if (!forecast) {
    return (
      <p className="message" aria-busy="true">
        <span className="spinner" /> {isTraining ? 'Estimating…' : 'Measuring some steps on this machine…'}
      </p>
    );
  }
  return (
    <div className="message forecast" data-tone={forecast.fits ? 'good' : 'bad'} aria-busy={isOld} role="status">
      <div>
        <p>
          {forecast.fits
            ? `About ${duration(forecast.totalSeconds)}, ${bytes(forecast.memoryBytes)} of ${bytes(forecast.freeBytes)} free memory.`
            : forecast.sentence}
        </p>
        <p className="caption" title={forecast.sentence}>
          {isTraining && 'Estimated by the run that trains now · '}
          {short(forecast.stepSeconds)} s a step · {parameterCount(forecast.parameters)} parameters
        </p>
      </div>
      {isOld && <span className="spinner" />}
    </div>
  );
}
