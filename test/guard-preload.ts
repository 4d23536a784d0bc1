import { installLoopbackGuard } from '../local/loopback-guard.ts';

installLoopbackGuard();
