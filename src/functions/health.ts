import { VERSION } from '../version.ts';
import type { Endpoint } from './endpoint.ts';

/** `GET /api/health`: alive, with the version. Needs no setting, no key and no network. */
export const health: Endpoint = async () => ({ status: 'ok', version: VERSION });
