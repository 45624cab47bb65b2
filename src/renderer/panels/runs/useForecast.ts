/** What a run would cost, asked again a moment after the last change of its settings. */
import { useEffect, useRef, useState } from 'react';
import type { AppError } from '../../../shared/errors';
import type { Forecast, TrainSettings } from '../../../shared/runs';
import { asAppError } from '../../answers';
import { ask } from '../../api';

const pauseMs = 400;
/** A run that has just begun has no pace yet by which another could be estimated. */
const busyMs = 3000;

export interface ForecastState {
  forecast: Forecast | null;
  error: AppError | null;
  /** A newer one is on its way. */
  isOld: boolean;
}

/**
 * @param settings    Valid settings, or null while the form holds something that is not.
 * @param isTraining  Asked again when this changes: a forecast is measured or estimated by it.
 */
export function useForecast(settings: TrainSettings | null, isTraining: boolean): ForecastState {
  const [state, setState] = useState<ForecastState>({ forecast: null, error: null, isOld: true });
  const measuring = useRef<Promise<unknown>>(Promise.resolve());
  const text = settings && JSON.stringify({ settings, isTraining });
  useEffect(() => {
    setState(({ forecast }) => ({ forecast: text === null ? null : forecast, error: null, isOld: true }));
    if (text === null) return;
    const controller = new AbortController();
    const measure = async () => {
      // One at a time: a measurement that nobody waits for any more still occupies the machine.
      await measuring.current;
      if (controller.signal.aborted) return;
      const asked = ask('runs.forecast', { settings: (JSON.parse(text) as { settings: TrainSettings }).settings });
      measuring.current = asked.catch(() => undefined);
      try {
        const forecast = await asked;
        if (!controller.signal.aborted) setState({ forecast, error: null, isOld: false });
      } catch (failure) {
        if (controller.signal.aborted) return;
        const error = asAppError(failure);
        setState({ forecast: null, error, isOld: false });
        if (error.code === 'RUN_BUSY') timer = setTimeout(measure, busyMs);
      }
    };
    let timer = setTimeout(measure, pauseMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [text]);
  return state;
}
