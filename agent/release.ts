// Which release this is, as records and the desk name it.
import manifest from '../package.json' with { type: 'json' };

/** A release that is built carries the name it was built under (ota/build-release.ts). */
export const release: string = process.env.MATLANG_RELEASE ?? manifest.version;
