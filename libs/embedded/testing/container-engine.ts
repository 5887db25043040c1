import { getContainerRuntimeClient, ImageName } from 'testcontainers';

/**
 * Why tests can't run in containers of this image here: no engine answers, or the image is neither present nor to be
 * had. Null when they can; the image is there then.
 */
export async function whyNoContainer(image: string): Promise<string | null> {
  let images;
  try {
    ({ image: images } = await getContainerRuntimeClient());
  } catch {
    return 'skipped: no container engine answers; start Docker or Podman to run it';
  }
  const name = ImageName.fromString(image);
  try {
    if (!(await images.exists(name))) await images.pull(name);
    return null;
  } catch (error) {
    return `skipped: the image ${image} can't be had (${error instanceof Error ? error.message : String(error)}); pull it to run it`;
  }
}
