/** What a run would cost, asked again a moment after the last change of its settings. */
import { useEffect, useState } from 'react';
import type { Forecast, TrainSettings } from '../../../shared/domain';
import type { AppError } from '../../../shared/errors';
import { asAppError } from '../../answers';
import { ask } from '../../api';

const pauseMs = 400;

export interface ForecastState {
  forecast: Forecast | null;
  error: AppError | null;
  /** A newer one is on its way. */
  isOld: boolean;
}

/** @param settings  Valid settings, or null while the form holds something that is not. */
export function useForecast(settings: TrainSettings | null): ForecastState {
  const [state, setState] = useState<ForecastState>({ forecast: null, error: null, isOld: true });
  const text = settings && JSON.stringify(settings);
  useEffect(() => {
    setState((before) => ({ ...before, isOld: true }));
    if (text === null) return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      ask('runs.forecast', { settings: JSON.parse(text) as TrainSettings }, controller.signal).then(
        (forecast) => setState({ forecast, error: null, isOld: false }),
        (failure: unknown) => {
          if (!controller.signal.aborted) setState({ forecast: null, error: asAppError(failure), isOld: false });
        },
      );
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [text]);
  return state;
}
