/** Where files that the workstation sends lie on a server while they are installed from. */
export function uploadDirectory(stateDirectory: string): string {
  return `${stateDirectory}/upload`;
}
