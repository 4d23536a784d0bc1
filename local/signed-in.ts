import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as z from 'zod';

/** `az` starts a Python; on a cold disk that takes seconds. */
const AZ_TIMEOUT_MS = 20_000;

const Account = z.looseObject({
  name: z.string(),
  id: z.string(),
  tenantId: z.string(),
  user: z.looseObject({ name: z.string() }),
});

/** The developer's own sign-in, as the Azure CLI has it: who, which subscription, which tenant. No token is asked for. */
export async function signedIn(): Promise<string> {
  try {
    // A shell only on Windows, where `az` is a script; the arguments are fixed.
    const { stdout } = await promisify(execFile)('az', ['account', 'show', '--output', 'json'], {
      timeout: AZ_TIMEOUT_MS,
      shell: process.platform === 'win32',
    });
    const { name, id, tenantId, user } = Account.parse(JSON.parse(stdout));
    return `${user.name}, subscription ${name} (${id}), tenant ${tenantId}`;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing ? 'nobody: the Azure CLI (az) is not on the PATH' : 'nobody: run `az login`';
  }
}
