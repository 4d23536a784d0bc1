import { spawnSync } from 'node:child_process';

/**
 * Removes the role assignments and the role definitions that infra/reader.bicep and infra/reader-management-group.bicep made for
 * an environment. `azd down` runs it, and hands over `AZURE_ENV_NAME`, `AZURE_SUBSCRIPTION_ID` and what was set by `azd env set`:
 * `TOKEN_DOCTOR_SUBSCRIPTIONS` (comma separated), `TOKEN_DOCTOR_MANAGEMENT_GROUP`. Signs in as `az login` did. Assignments go first:
 * a definition that is in use cannot be deleted. Only what carries the name of the environment and of its
 * subscription is touched.
 */

const environment = process.env.AZURE_ENV_NAME ?? '';
const own = listOf(process.env.AZURE_SUBSCRIPTION_ID);
const whose = `${environment} of ${own.join()}`;
// The list may have been set after a deployment without one.
const subscriptions = [
  ...new Set([...own, ...listOf(process.env.TOKEN_DOCTOR_SUBSCRIPTIONS)].map((id) => id.toLowerCase())),
];
const groups = listOf(process.env.TOKEN_DOCTOR_MANAGEMENT_GROUP);

const scopes = [
  ...subscriptions.map((id) => ({ scope: `/subscriptions/${id}`, of: id })),
  ...groups.map((id) => ({ scope: `/providers/Microsoft.Management/managementGroups/${id}`, of: id })),
];
if (environment === '' || own.length !== 1) {
  console.error(
    'AZURE_ENV_NAME and AZURE_SUBSCRIPTION_ID must be set, as azd does: without them nobody can tell which roles to remove.',
  );
  process.exit(1);
}
// They become arguments of a command, on Windows by way of a shell. The name of the environment, which may hold brackets, does not.
const unfit = [...subscriptions, ...groups].filter((name) => !/^[\w.-]+$/.test(name));
if (unfit.length > 0) {
  console.error(
    `${unfit.join(', ')}: neither the id of a subscription nor that of a management group. No role was removed.`,
  );
  process.exit(1);
}

const left = scopes.filter(({ scope, of }) => !removed(scope, of)).map(({ scope }) => scope);
if (left.length > 0) {
  console.error(
    `Roles of this environment may be left at ${left.join(', ')}. Run \`az login\`, then \`azd hooks run postdown\`.`,
  );
  process.exitCode = 1;
}

/** Whether what was made at a scope is gone. One that fails keeps nobody from the others. */
function removed(scope: string, of: string): boolean {
  try {
    const assignments = listed<{ id: string; description: string | null; scope: string }>(
      ...['role', 'assignment', 'list', '--scope', scope, '--fill-principal-name', 'false'],
    ).filter(
      (assignment) => alike(assignment.description, `Token Doctor (${whose})`) && alike(assignment.scope, scope),
    );
    for (const { id } of assignments) az('role', 'assignment', 'delete', '--ids', id);

    const definitions = listed<{ name: string; roleName: string }>(
      ...['role', 'definition', 'list', '--scope', scope, '--custom-role-only', 'true'],
    ).filter(({ roleName }) => alike(roleName, `Token Doctor reader (${whose}, ${of})`));
    for (const { name } of definitions) az('role', 'definition', 'delete', '--name', name, '--scope', scope);

    console.log(`${scope}: ${assignments.length} role assignments and ${definitions.length} role definitions removed.`);
    return true;
  } catch (error) {
    console.error(`${scope}: ${(error as Error).message}`);
    return false;
  }
}

/** Azure keeps the letter case of names and ids, and compares without regard to it. */
function alike(a: string | null, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}

function listed<T>(...args: readonly string[]): T[] {
  return JSON.parse(az(...args));
}

/** What the Azure CLI prints as JSON. Throws what it said where it fails. */
function az(...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('az', [...args, '--output', 'json'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`az ${args.join(' ')} failed: ${(stderr || String(error)).trim()}`);
  return stdout;
}

function listOf(text = ''): string[] {
  return text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}
