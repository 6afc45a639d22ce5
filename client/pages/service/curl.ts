/** The guide's command, such that it works when pasted into a shell. */
export function curlOf(service: { readonly endpoint: string; readonly openToPublic: boolean }): string {
  const lines = ['curl -H "Content-Type: application/json" -X GET'];
  if (!service.openToPublic) lines.push('-H "Authorization: BackendAI $API_TOKEN"');
  lines.push(service.endpoint);
  return lines.join(" \\\n  ");
}

export const exportOf = (secret: string): string => `export API_TOKEN="${secret}"`;
