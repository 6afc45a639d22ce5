/** Names of container images, as Docker reads them. */

/** Where images are whose name begins with no host. */
const dockerHub = "docker.io";

/** The registry that an image is pulled from. A name's first part is a host where it has a dot or a port in it. */
export function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && (/[.:]/.test(first) || first === "localhost") ? first : dockerHub;
}
