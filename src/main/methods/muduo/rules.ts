/** How MuDuo's teachers are asked, and which of their answers count. */
import type { MuduoChoices, MuduoSettings } from '../../../shared/methods';

export type Rules = MuduoChoices & Pick<MuduoSettings, 'clicks' | 'filter'>;

export const rulesOf = ({ choices, clicks, filter }: Omit<MuduoSettings, 'teachers'>): Rules => ({ ...choices, clicks, filter });
