import { spawnSync } from 'node:child_process';

/**
 * Removes the role assignments and the role definitions that infra/reader.bicep and infra/reader-management-group.bicep made for
 * an environment. `azd down` runs it, and hands over `AZURE_ENV_NAME`, `AZURE_SUBSCRIPTION_ID` and what was set by `azd env set`:
 * `TOKEN_DOCTOR_SUBSCRIPTIONS` (comma separated), `TOKEN_DOCTOR_MANAGEMENT_GROUP`. Signs in as `az login` did. Assignments go first:
 * a definition that is in use cannot be deleted. Only what carries the name of the environment is touched.
 */

const environment = process.env.AZURE_ENV_NAME ?? '';
const own = listOf(process.env.AZURE_SUBSCRIPTION_ID);
const whose = `${environment} of ${own.join().toLowerCase()}`;
// The list may have been set after a deployment without one.
const subscriptions = [
  ...new Set([...own, ...listOf(process.env.TOKEN_DOCTOR_SUBSCRIPTIONS)].map((id) => id.toLowerCase())),
];
const groups = listOf(process.env.TOKEN_DOCTOR_MANAGEMENT_GROUP);

const scopes = [
  ...subscriptions.map((id) => ({ scope: `/subscriptions/${id}`, of: id })),
  ...groups.map((id) => ({ scope: `/providers/Microsoft.Management/managementGroups/${id}`, of: id })),
];
// They become arguments of a command, on Windows by way of a shell.
const unfit = [environment, ...subscriptions, ...groups].filter((name) => !/^[\w.-]+$/.test(name));
if (unfit.length > 0 || own.length !== 1) {
  console.error(
    'AZURE_ENV_NAME and AZURE_SUBSCRIPTION_ID must be set, as azd does: without them nobody can tell which roles to remove.',
  );
  process.exit(1);
}

for (const { scope, of } of scopes) {
  const assignments = (
    az('role', 'assignment', 'list', '--scope', scope, '--fill-principal-name', 'false') as {
      id: string;
      description: string | null;
      scope: string;
    }[]
  ).filter(
    (assignment) =>
      assignment.description === `Token Doctor (${whose})` &&
      assignment.scope.toLowerCase() === scope.toLowerCase(),
  );
  for (const { id } of assignments) az('role', 'assignment', 'delete', '--ids', id);

  const definitions = (
    az('role', 'definition', 'list', '--scope', scope, '--custom-role-only', 'true') as {
      name: string;
      roleName: string;
    }[]
  ).filter(({ roleName }) => roleName.toLowerCase() === `Token Doctor reader (${whose}, ${of})`.toLowerCase());
  for (const { name } of definitions) az('role', 'definition', 'delete', '--name', name, '--scope', scope);

  console.log(`${scope}: ${assignments.length} role assignments and ${definitions.length} role definitions removed.`);
}

/** What the Azure CLI prints as JSON; nothing of it: null. Ends the run where it fails, and says what is left to do. */
function az(...args: readonly string[]): unknown {
  const { status, stdout, stderr, error } = spawnSync('az', [...args, '--output', 'json'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status === 0) return stdout.trim() === '' ? null : JSON.parse(stdout);
  console.error(stderr || String(error));
  console.error(
    `az ${args.join(' ')} failed, so roles of this environment may be left. Run \`az login\`, then \`azd hooks run postdown\`.`,
  );
  process.exit(1);
}

function listOf(text = ''): string[] {
  return text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}
