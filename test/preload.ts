import { installLoopbackGuard } from '../local/loopback-guard.ts';
import { recordAnswers } from './suite-record.ts';

installLoopbackGuard();
recordAnswers();
