import Negotiator from 'negotiator';
import type { Report, Verdict } from '../contract/report.ts';
import { jsonText } from './response.ts';

/** How a report may be asked for, the default first. */
const mediaTypes = {
  'application/json': 'application/json',
  'text/markdown': 'text/markdown; charset=utf-8',
  'text/plain': 'text/plain; charset=utf-8',
  'application/junit+xml': 'application/junit+xml',
} as const;
type Accepted = keyof typeof mediaTypes;
export const REPORT_MEDIA_TYPES = Object.keys(mediaTypes) as Accepted[];
type MediaType = (typeof mediaTypes)[Accepted];

/** The content type for an `Accept` header (RFC 9110 §12.5.1); JSON where nothing fits, rather than no answer. */
export function mediaTypeFor(accept: string | undefined): MediaType {
  // What is sent is UTF-8, so a charset asked for beside the type is no other type.
  const types = accept?.replace(/;\s*charset\s*=\s*(?:"[^"]*"|[^;,\s]*)/gi, '');
  const [best] = new Negotiator({ headers: { accept: types } }).mediaTypes(REPORT_MEDIA_TYPES);
  return mediaTypes[REPORT_MEDIA_TYPES.find((type) => type === best) ?? 'application/json'];
}

/** Each renderer is loaded when somebody asks for it. */
export async function render(mediaType: MediaType, report: Report): Promise<string> {
  switch (mediaType) {
    case 'application/json':
      return jsonText(report);
    case 'text/markdown; charset=utf-8':
      return (await import('../report/markdown.ts')).markdown(report);
    case 'text/plain; charset=utf-8':
      return (await import('../report/text.ts')).text(report);
    case 'application/junit+xml':
      return (await import('../report/junit.ts')).junit(report);
  }
}

/** The verdict as a status, for pipelines that know no other way to stop. */
export const GATE_STATUS = { pass: 200, fail: 422, inconclusive: 424 } as const satisfies Record<Verdict, number>;
