import * as z from 'zod';
import { CloudName } from './clouds.ts';
import { PUBLIC_ONLY, TargetChoice, WITH_RESOURCE } from './target.ts';

const Members = z.record(z.string(), z.unknown());

/**
 * `POST /api/tokens/analyze`. `token` has no length limit of its own: the body's is the limit of a request, and a token
 * longer than receivers take is a finding, not an HTTP error. In its place `claims` may come, with or without `header`, so
 * that no live secret leaves a pipeline.
 */
export const AnalyzeTokenRequest = z
  .strictObject({
    token: z.string().min(1).optional().meta({
      description: 'The token as the receiver was sent it; `Bearer `, quotes and white space around it are removed.',
    }),
    header: Members.optional().meta({ description: 'The decoded header, beside `claims`.' }),
    claims: Members.optional().meta({
      description:
        'The decoded payload in place of `token`: the verdict is about the claims then, and no signature is judged.',
    }),
    target: TargetChoice.optional(),
    cloud: CloudName.optional().meta({
      description:
        'The cloud of the target; default: where no target is given the one that issuer and audience name, else the setting TOKEN_DOCTOR_CLOUD, by which policies are always judged.',
    }),
    resource: z.string().min(1).optional().meta({
      description:
        'What the receiver itself is called: the address of the server for target `mcp`, the Client ID for `servicenow-oidc` and `servicenow-jwt-bearer`.',
    }),
    at: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'Judge for this moment instead of now (RFC 3339).' }),
  })
  .superRefine(({ token, header, claims, target, cloud, resource }, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (token === undefined && claims === undefined) fault('token', 'Is missing: send the token, or its claims');
    if (token !== undefined && claims !== undefined)
      fault('claims', 'Must not stand beside token: send the one or the other');
    if (header !== undefined && claims === undefined) fault('header', 'Must stand beside claims');
    if (target === 'mcp' && resource === undefined) fault('resource', 'Is missing: the address of the MCP server');
    if (resource !== undefined && !(typeof target === 'string' && WITH_RESOURCE.includes(target)))
      fault('resource', `Is only for the targets ${WITH_RESOURCE.join(', ')}`);
    if (typeof target === 'object' && target.policy !== undefined && cloud !== undefined)
      fault('cloud', 'Must not stand beside a policy, which judges in the cloud of the deployment');
    if (typeof target === 'string' && PUBLIC_ONLY.includes(target) && cloud !== undefined && cloud !== 'public')
      fault('cloud', `Must be public: ${target} exists in no other cloud`);
  })
  .meta({ id: 'AnalyzeTokenRequest' });
export type AnalyzeTokenRequest = z.infer<typeof AnalyzeTokenRequest>;
