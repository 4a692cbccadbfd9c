// Which release this is, as records and the desk name it.
import manifest from '../package.json' with { type: 'json' };

export const release: string = manifest.version;
