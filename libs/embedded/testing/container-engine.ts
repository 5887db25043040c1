import { getContainerRuntimeClient, ImageName } from 'testcontainers';

/**
 * Why tests can't run in containers of this image here: no engine answers, or the image is neither present nor to be
 * had. Says so on standard error too, since reporters leave out the names of skipped tests. Null when they can; the
 * image is there then.
 */
export async function whyNoContainer(image: string): Promise<string | null> {
  const reason = await hindrance(image);
  if (reason !== null) process.stderr.write(`Tests on ${image} are skipped: ${reason}\n`);
  return reason;
}

async function hindrance(image: string): Promise<string | null> {
  let images;
  try {
    ({ image: images } = await getContainerRuntimeClient());
  } catch {
    return 'no container engine answers; start Docker or Podman to run them';
  }
  const name = ImageName.fromString(image);
  try {
    if (!(await images.exists(name))) await images.pull(name);
    return null;
  } catch (error) {
    return `the image can't be had (${error instanceof Error ? error.message : String(error)}); pull it to run them`;
  }
}
